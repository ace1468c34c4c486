import { Console } from 'node:console'
import { hasCode, StateError } from '../kernel/errors.ts'
import { exitCodes } from './exit-codes.ts'
import { describeError } from './failure.ts'

/** What a write fails with when its reader has gone: a pipe into `head`, a terminal that was closed. */
const readerIsGone = ['EPIPE', 'EIO', 'ERR_STREAM_DESTROYED'] as const
/** And where it goes to a file: on a full disk, at a quota or a limit. */
const noRoom = ['ENOSPC', 'EDQUOT', 'EFBIG'] as const

/** Why standard output is not whole. */
let lost: Error | undefined

/**
 * Keeps standard output for what is to be evaluated, whatever a config file prints; and makes a reader that has gone,
 * or a file that has no room, no reason to die before everything is cleaned up.
 */
export function guardOutput(): void {
  globalThis.console = new Console(process.stderr, process.stderr)
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error) => {
      if (!hasCode(error, ...readerIsGone, ...noRoom)) throw error
      if (stream === process.stdout) lost ??= error
    })
  }
}

/**
 * Prints what is to be evaluated.
 *
 * @throws ERR_STATE when nobody reads it, or there is no room for it
 */
export async function print(text: string): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    process.stdout.write(text, (error) => (error ? reject(unread(error)) : resolve()))
  })
}

/**
 * Ends the process once all is written; now, even if a config has left a timer or a connection open. A reader may go
 * when he has enough; but a file is wanted whole.
 */
export async function exitWith(code: number): Promise<never> {
  for (const stream of [process.stdout, process.stderr]) {
    await new Promise<void>((resolve) => stream.write('', () => resolve()))
  }
  if (code !== exitCodes.done || !lost || !hasCode(lost, ...noRoom)) process.exit(code)
  process.stderr.write(`${describeError(unread(lost))}\n`)
  process.exit(exitCodes.failed)
}

function unread(cause: Error): StateError {
  if (hasCode(cause, ...noRoom))
    return new StateError(`there is no room for standard output (${cause.message})`, { cause })
  return new StateError(`standard output was closed before the variables were read (${cause.message})`, { cause })
}
