import { Socket } from 'node:net'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import type { ErrorCode } from '../kernel/errors.ts'
import type { SessionEvent } from '../session/events.ts'

/** What a helper tells the command that started it, one JSON text a line, until it is ready or has failed. */
export type HelperMessage =
  | { readonly kind: 'event'; readonly event: SessionEvent }
  | { readonly kind: 'ready'; readonly variables: Readonly<Record<string, string>>; readonly holderPid: number }
  | { readonly kind: 'failed'; readonly message: string; readonly code?: ErrorCode | undefined }

/** The helper's end of the handshake. */
export interface Handshake {
  tell(message: HelperMessage): void
  /** Nothing more to say: the command returns. */
  finish(): void
}

/** The descriptor on which the command that started the helper listens. */
export const handshakeDescriptor = 3

/** @param onLost called when the command dies before the handshake is finished */
export function openHandshake(onLost: () => void): Handshake {
  const socket = new Socket({ fd: handshakeDescriptor, readable: true, writable: true })
  let finished = false
  socket.on('error', () => {})
  socket.on('close', () => {
    if (!finished) onLost()
  })
  socket.resume()
  return {
    tell: (message) => void socket.write(`${JSON.stringify(message)}\n`),
    finish: () => {
      finished = true
      socket.end()
    },
  }
}

/** The command's end: the messages, until the helper closes its own. */
export async function* readHandshake(stream: Readable): AsyncGenerator<HelperMessage> {
  for await (const line of createInterface({ input: stream })) yield JSON.parse(line) as HelperMessage
}
