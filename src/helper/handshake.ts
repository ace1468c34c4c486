import { once } from 'node:events'
import { Socket } from 'node:net'
import { createInterface } from 'node:readline'
import type { Duplex } from 'node:stream'
import { combineErrors, type ErrorCode, TestServicesError } from '../kernel/errors.ts'
import type { SessionEvent } from '../session/events.ts'

/**
 * Messages from a helper to the command that started it, one JSON text a line, until the helper is ready or has failed.
 */
export type HelperMessage =
  | { readonly kind: 'event'; readonly event: SessionEvent }
  | { readonly kind: 'ready'; readonly variables: Readonly<Record<string, string>> }
  | { readonly kind: 'failed'; readonly errors: readonly Failure[] }

interface Failure {
  readonly message: string
  readonly code?: ErrorCode
}

/** The helper's end of the handshake. */
export interface Handshake {
  emit(message: HelperMessage): void
  /** Ends the messages, upon which the command returns. */
  finish(): Promise<void>
}

/** Descriptor on which the command listens to the helper. */
export const handshakeDescriptor = 3

/**
 * The only message from the command, sent after printing the variables. If the command ends without sending it, the
 * helper ends too.
 */
const taken = 'taken\n'

/** @param onLost called if the command ends before confirming the variables */
export function openHandshake(onLost: () => void): Handshake {
  const socket = new Socket({ fd: handshakeDescriptor, readable: true, writable: true })
  let received = ''
  socket.setEncoding('utf8').on('data', (text: string) => {
    received += text
  })
  // A message to a dead command is no error; our code reacts to the close.
  socket.on('error', () => {})
  socket.on('close', () => {
    if (received !== taken) onLost()
  })
  return {
    emit: (message) => void socket.write(`${JSON.stringify(message)}\n`),
    finish: async () => {
      if (socket.closed) return
      socket.end()
      await once(socket, 'close')
    },
  }
}

/** Yields the messages at the command's end, until the helper closes the connection. */
export async function* readHandshake(stream: Duplex): AsyncGenerator<HelperMessage> {
  for await (const line of createInterface({ input: stream })) yield JSON.parse(line) as HelperMessage
}

/** Tells the helper that the variables have arrived, so that the helper stays. */
export async function acceptVariables(stream: Duplex): Promise<void> {
  await new Promise<void>((resolve) => stream.end(taken, resolve))
}

/** Describes an error, or the errors of an `AggregateError`, for another process. */
export function describeFailure(error: Error): readonly Failure[] {
  const errors = error instanceof AggregateError ? (error.errors as Error[]) : [error]
  return errors.map((each) => ({
    message: each.message,
    ...(each instanceof TestServicesError && { code: each.code }),
  }))
}

/** Makes an error from a description by another process. */
export function failureOf(failures: readonly Failure[]): Error {
  return combineErrors(
    failures.map(({ message, code }) => (code ? new TestServicesError(code, message) : new Error(message))),
  )
}
