import { monotonicMs } from './clock.ts'
import type { Deadline } from './deadline.ts'
import { CanceledError, DeadlineError, hasCode } from './errors.ts'
import { onAbort } from './on-abort.ts'

/**
 * Runs a step of a longer work, at most until the deadline.
 *
 * @param what first words of the message: `the template cannot be made: migrate`
 * @param work ends soon after the signal. The end is awaited, since nothing can be removed during the work.
 * @throws ERR_DEADLINE, ERR_CANCELED with the step and the duration
 */
export async function timedStep<T>(
  what: string,
  deadline: Deadline,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const startedAt = monotonicMs()
  let over: AbortSignal | undefined
  let running: Promise<T> | undefined
  try {
    return await deadline.race((signal) => {
      over = signal
      running = work(signal)
      return running
    })
  } catch (thrown) {
    if (!over?.aborted || !hasCode(thrown, 'ERR_DEADLINE', 'ERR_CANCELED')) throw thrown
    await running?.catch(() => {}) // the error only reports the interruption
    const ranMs = Math.round(monotonicMs() - startedAt)
    if (hasCode(thrown, 'ERR_DEADLINE')) throw new DeadlineError(what, ranMs)
    throw new CanceledError(`${what}, which had run for ${ranMs} ms,`, { cause: thrown })
  }
}

/** Waits for the work, but only until the signal fires: for work that cannot be interrupted. */
export async function unlessOver(signal: AbortSignal, work: Promise<void> | void): Promise<void> {
  await Promise.race([work, new Promise<void>((resolve) => void onAbort(signal, resolve))])
}
