import { Console } from 'node:console'
import { hasCode, StateError } from '../kernel/errors.ts'

/** What a write fails with when its reader has gone: a pipe into `head`, a terminal that was closed. */
const readerIsGone = ['EPIPE', 'EIO', 'ERR_STREAM_DESTROYED'] as const
/** And where what people read goes to a file: on a full disk, at a quota or a limit. */
const noRoom = ['ENOSPC', 'EDQUOT', 'EFBIG'] as const

/**
 * Keeps standard output for what is to be evaluated, whatever a config file prints; and makes a reader that has gone,
 * or messages for which there is no room, no reason to die before everything is cleaned up.
 */
export function guardOutput(): void {
  globalThis.console = new Console(process.stderr, process.stderr)
  tolerate(process.stdout, readerIsGone)
  tolerate(process.stderr, [...readerIsGone, ...noRoom])
}

function tolerate(stream: NodeJS.WriteStream, codes: readonly string[]): void {
  stream.on('error', (error) => {
    if (!hasCode(error, ...codes)) throw error
  })
}

/**
 * Prints what is to be evaluated.
 *
 * @throws ERR_STATE when nobody reads it
 */
export async function print(text: string): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    process.stdout.write(text, (error) => (error ? reject(unread(error)) : resolve()))
  })
}

/** Ends the process once all is written; now, even if a config has left a timer or a connection open. */
export async function exitWith(code: number): Promise<never> {
  for (const stream of [process.stdout, process.stderr]) {
    await new Promise<void>((resolve) => stream.write('', () => resolve()))
  }
  process.exit(code)
}

function unread(cause: Error): StateError {
  return new StateError(`standard output was closed before the variables were read (${cause.message})`, { cause })
}
