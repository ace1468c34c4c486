import { asError } from './errors.ts'

/** An error in the form for the socket between two processes. */
export interface WireError {
  readonly name: string
  readonly message: string
  readonly code?: string | undefined
  readonly stack?: string | undefined
}

/** Packs the parts of an error compared by tests and printed by reporters: name, message, code and stack. */
export function toWire(thrown: unknown): WireError {
  const { name, message, stack, code } = asError(thrown) as NodeJS.ErrnoException
  return { name, message, stack, code }
}

/** Rebuilds an error as a plain `Error` with the original name, but not of the original class. */
export function fromWire({ name, message, code, stack }: WireError): Error {
  const error = Object.assign(new Error(message), code !== undefined && { code })
  error.name = name
  error.stack = stack ?? `${name}: ${message}`
  return error
}
