import { Console } from 'node:console'
import { hasCode, StateError } from '../../kernel/errors.ts'
import { exitCodes } from './exit-codes.ts'
import { describeError } from './failure.ts'

/** Error codes of a write whose reader has gone: a pipe into `head`, or a closed terminal. */
const readerIsGone = ['EPIPE', 'EIO', 'ERR_STREAM_DESTROYED'] as const
/** Error codes of a write to a file on a full disk, or beyond a quota or limit. */
const noRoom = ['ENOSPC', 'EDQUOT', 'EFBIG'] as const

/** Reason why standard output is incomplete. */
let lost: Error | undefined

/**
 * Keeps standard output for text to evaluate, even if a config file prints. A reader that has gone, or a full disk,
 * must not end the process before the clean-up.
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
 * Prints text to evaluate.
 *
 * @throws ERR_STATE if nobody reads the text, or there is no room for the text
 */
export async function print(text: string): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    process.stdout.write(text, (error) => (error ? reject(unread(error)) : resolve()))
  })
}

/**
 * Ends the process once all output is written, even if a config has left a timer or a connection open. A reader may
 * stop reading early without an error, but an incomplete file is an error.
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
