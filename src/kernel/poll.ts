import { type Deadline, sleep } from './deadline.ts'

/** Pauses between the attempts of a poll. */
export interface PollPauses {
  readonly firstMs: number
  /** Longest pause. Default: `firstMs`, so that all pauses are equal. */
  readonly lastMs?: number
  /** Factor between a pause and the next pause. Default: 2. */
  readonly growth?: number
  /** Ends the poll with the error of `Deadline.check`. Default: the poll has no limit. */
  readonly deadline?: Deadline
}

/** Asks at once, and again after each pause, until the answer is not `undefined`; returns the answer. */
export async function poll<T>(pauses: PollPauses, ask: () => T | undefined | Promise<T | undefined>): Promise<T> {
  const { firstMs, lastMs = firstMs, growth = 2, deadline } = pauses
  for (let pauseMs = firstMs; ; pauseMs = Math.min(pauseMs * growth, lastMs)) {
    const answer = await ask()
    if (answer !== undefined) return answer
    await (deadline ? deadline.sleep(pauseMs) : sleep(pauseMs))
  }
}
