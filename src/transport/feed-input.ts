import { finished, Readable, Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { ignore } from '../kernel/value-unless.ts'
import type { RunOptions } from './transport.ts'

/** Errors of a command that does not read its input to the end: no failure. */
const unread = [
  'EPIPE',
  'ECONNRESET',
  'ERR_STREAM_PREMATURE_CLOSE',
  'ERR_STREAM_DESTROYED',
  'ERR_STREAM_WRITE_AFTER_END',
]

/** Passes an input on, no faster than the machine takes the input. */
export type Pacing = (source: AsyncIterable<Uint8Array>) => AsyncIterable<Uint8Array>

/**
 * Writes the input of a command. The next chunk is taken from the source once the stream has done with the chunk before:
 * a source may use the same memory again.
 *
 * @throws any error of the input's source
 */
export async function feedInput(
  input: NonNullable<RunOptions['input']>,
  stream: Writable,
  pacing: Pacing = (source) => source,
): Promise<void> {
  await pipeline(sourceOf(input), pacing, inTurn(stream)).catch(ignore(...unread))
}

function sourceOf(input: NonNullable<RunOptions['input']>): Readable | AsyncIterable<Uint8Array> {
  const isWhole = typeof input === 'string' || input instanceof Uint8Array
  return isWhole ? Readable.from([Buffer.from(input)], { objectMode: false }) : input
}

/** Returns a stream that holds a single chunk, until the chunk is written to the given stream. */
function inTurn(stream: Writable): Writable {
  const turns = new Writable({
    highWaterMark: 1,
    write: (chunk, _encoding, done) => void stream.write(chunk, done),
    final: (done) => void stream.end(done),
  })
  finished(stream, { readable: false }, (error) => {
    if (error) turns.destroy(error)
  })
  return turns
}
