import { clearTimeout, monotonicMs, setTimeout } from './clock.ts'
import { CanceledError, DeadlineError } from './errors.ts'
import { onAbort } from './on-abort.ts'
import { checkTimeout } from './time-limit.ts'

/** All waits by the clock are in this file. */

/** Longest delay of a Node timer; Node fires a longer timer immediately. */
export const longestTimerMs = 2 ** 31 - 1

/**
 * Resolves after `ms`, or never if `ms` is `Infinity`; rejects when the signal fires. The timer keeps the process
 * alive.
 */
export async function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  let rest = ms
  for (; rest > longestTimerMs; rest -= longestTimerMs) await sleepOnce(longestTimerMs, signal)
  await sleepOnce(rest, signal)
}

function sleepOnce(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason)
    const onAbort = (): void => {
      clearTimeout(timer)
      reject(signal?.reason)
    }
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', onAbort)
      resolve()
    }, ms)
    signal?.addEventListener('abort', onAbort, { once: true })
  })
}

/**
 * A point in time for a whole operation: created at the edge of the operation and handed down to every wait inside.
 */
export class Deadline {
  readonly limitMs: number
  readonly #what: string
  #endsAt: number
  readonly #callers: AbortSignal | undefined

  /**
   * @param what name of the operation, for the text of the error: `setting up DB`
   * @param limitMs above 0; `Infinity` for no limit
   * @throws ERR_CONFIG if `limitMs` is not a time limit
   */
  constructor(what: string, limitMs: number, signal?: AbortSignal) {
    checkTimeout(`${what}: timeoutMs`, limitMs)
    this.#what = what
    this.limitMs = limitMs
    this.#endsAt = monotonicMs() + limitMs
    this.#callers = signal
  }

  /** Returns a deadline with the same end for a part of the operation; the part is canceled with the operation. */
  part(what: string, signal?: AbortSignal): Deadline {
    const signals = [this.#callers, signal].filter((one) => one !== undefined)
    const part = new Deadline(what, this.limitMs, AbortSignal.any(signals))
    part.#endsAt = this.#endsAt
    return part
  }

  get remainingMs(): number {
    return Math.max(0, this.#endsAt - monotonicMs())
  }

  get expired(): boolean {
    return this.remainingMs === 0
  }

  /** @throws ERR_DEADLINE when time ran out, ERR_CANCELED when the caller gave up */
  check(): void {
    if (this.#callers?.aborted) throw new CanceledError(this.#what, { cause: this.#callers.reason })
    if (this.expired) throw new DeadlineError(this.#what, this.limitMs)
  }

  /** Waits `ms`, but not past the deadline, and throws like `check`. */
  async sleep(ms: number): Promise<void> {
    this.check()
    // Node's timers count whole milliseconds and may fire a fraction early, before the deadline.
    const waitMs = ms < this.remainingMs ? ms : Math.ceil(this.remainingMs) + 1
    await sleep(waitMs, this.#callers).catch(() => {})
    this.check()
  }

  /**
   * Returns the result of the work, or throws the error of `check` as soon as the deadline passes or the caller gives
   * up. The signal given to the work fires at the same moment.
   */
  async race<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    this.check()
    const over = new AbortController()
    const end = (): void => over.abort()
    using _listening = onAbort(this.#callers, end)
    const done = new AbortController()
    sleep(this.remainingMs, done.signal).then(end, () => {})
    const lost = new Promise<never>((_, reject) => onAbort(over.signal, () => reject(this.#lost())))
    try {
      return await Promise.race([work(over.signal), lost])
    } finally {
      done.abort()
    }
  }

  #lost(): Error {
    return this.#callers?.aborted
      ? new CanceledError(this.#what, { cause: this.#callers.reason })
      : new DeadlineError(this.#what, this.limitMs)
  }
}

/** Waits at most `ms` for the promise; returns `true` if the promise resolved or rejected in time. */
export async function settlesWithin(promise: Promise<unknown>, ms: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), ms)
  })
  const done = promise.then(
    () => true,
    () => true,
  )
  return Promise.race([done, late]).finally(() => clearTimeout(timer))
}

/**
 * Runs the action after `ms`, unless the returned function cancels the timer or the process ends first. The timer does
 * not keep the process alive.
 */
export function later(ms: number, action: () => void): () => void {
  let timer: NodeJS.Timeout
  const schedule = (rest: number): void => {
    const isLast = rest <= longestTimerMs
    timer = setTimeout(() => (isLast ? action() : schedule(rest - longestTimerMs)), Math.min(rest, longestTimerMs))
    timer.unref()
  }
  schedule(ms)
  return () => clearTimeout(timer)
}
