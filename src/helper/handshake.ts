import { once } from 'node:events'
import { Socket } from 'node:net'
import { createInterface } from 'node:readline'
import type { Duplex } from 'node:stream'
import { combineErrors, type ErrorCode, TestServicesError } from '../kernel/errors.ts'
import type { SessionEvent } from '../session/events.ts'

/** What a helper tells the command that started it, one JSON text a line, until it is ready or has failed. */
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
  tell(message: HelperMessage): void
  /** Nothing more to say: the command returns. */
  finish(): Promise<void>
}

/** The descriptor on which the command that started the helper listens. */
export const handshakeDescriptor = 3

/** The command's only word, once the variables have been printed. Without it the end of the command is the helper's. */
const taken = 'taken\n'

/** @param onLost called when the command ends before it has said that it has the variables */
export function openHandshake(onLost: () => void): Handshake {
  const socket = new Socket({ fd: handshakeDescriptor, readable: true, writable: true })
  let heard = ''
  socket.setEncoding('utf8').on('data', (text: string) => {
    heard += text
  })
  // What a dead command can no longer be told is no error; its end is what is acted on.
  socket.on('error', () => {})
  socket.on('close', () => {
    if (heard !== taken) onLost()
  })
  return {
    tell: (message) => void socket.write(`${JSON.stringify(message)}\n`),
    finish: async () => {
      if (socket.closed) return
      socket.end()
      await once(socket, 'close')
    },
  }
}

/** The command's end: the messages, until the helper closes its own. */
export async function* readHandshake(stream: Duplex): AsyncGenerator<HelperMessage> {
  for await (const line of createInterface({ input: stream })) yield JSON.parse(line) as HelperMessage
}

/** The command's end: tells the helper that the variables have arrived, so that it stays. */
export async function acceptVariables(stream: Duplex): Promise<void> {
  await new Promise<void>((resolve) => stream.end(taken, resolve))
}

/** An error, or several in one, for the way to another process. */
export function describeFailure(error: Error): readonly Failure[] {
  const errors = error instanceof AggregateError ? (error.errors as Error[]) : [error]
  return errors.map((each) => ({
    message: each.message,
    ...(each instanceof TestServicesError && { code: each.code }),
  }))
}

/** The error that was described, on the other side. */
export function failureOf(failures: readonly Failure[]): Error {
  return combineErrors(
    failures.map(({ message, code }) => (code ? new TestServicesError(code, message) : new Error(message))),
  )
}
