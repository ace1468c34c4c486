import { Readable, type Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { ignore } from '../kernel/value-unless.ts'
import type { RunOptions } from './transport.ts'

/** Errors of a command that does not read its input to the end: no failure. */
const unread = ['EPIPE', 'ECONNRESET', 'ERR_STREAM_PREMATURE_CLOSE', 'ERR_STREAM_DESTROYED']

/** Passes an input on, no faster than the machine takes the input. */
export type Pacing = (source: AsyncIterable<Uint8Array>) => AsyncIterable<Uint8Array>

/** Writes the input of a command. @throws any error of the input's source */
export async function feedInput(
  input: NonNullable<RunOptions['input']>,
  stream: Writable,
  pacing?: Pacing,
): Promise<void> {
  const source = streamOf(input)
  await (pacing ? pipeline(source, pacing, stream) : pipeline(source, stream)).catch(ignore(...unread))
}

function streamOf(input: NonNullable<RunOptions['input']>): Readable {
  if (input instanceof Readable) return input
  const isWhole = typeof input === 'string' || input instanceof Uint8Array
  return Readable.from(isWhole ? [Buffer.from(input)] : input, { objectMode: false })
}
