import { asError } from '../../kernel/errors.ts'

/** An error on its way to another process. */
export interface WireError {
  readonly name: string
  readonly message: string
  readonly code?: string | undefined
  readonly stack?: string | undefined
}

/** Keeps what tests compare and reporters print: name, message, code and stack. */
export function toWire(thrown: unknown): WireError {
  const { name, message, stack, code } = asError(thrown) as NodeJS.ErrnoException
  return { name, message, stack, code }
}

/** Makes the error again, with its name, but not of its class. */
export function fromWire({ name, message, code, stack }: WireError): Error {
  const error = Object.assign(new Error(message), code !== undefined && { code })
  error.name = name
  error.stack = stack ?? `${name}: ${message}`
  return error
}
