import { monotonicMs } from '../kernel/clock.ts'
import { sleep } from '../kernel/deadline.ts'
import { DeadlineError, StateError } from '../kernel/errors.ts'
import { checkTimeout } from '../kernel/time-limit.ts'
import type { AttemptLimit } from './tests/pool-test.ts'

/** Abort reason of an obsolete timer. Without a reason, Node makes an exception with a stack for each timer. */
const dropped = 'dropped'

/** The limit of an attempt. The running test can change the limit. The signal fires once, with ERR_DEADLINE. */
export class ChangeableLimit implements AttemptLimit, Disposable {
  readonly #what: string
  readonly #over = new AbortController()
  readonly #saved: Saved[] = []
  #limitMs: number
  #endsAt: number
  #timer = new AbortController()

  /** @param what the attempt, for the text of the error: `/smoke/login` */
  constructor(what: string, limitMs: number) {
    this.#what = what
    this.#limitMs = limitMs
    this.#endsAt = monotonicMs() + limitMs
    this.#schedule()
  }

  get signal(): AbortSignal {
    return this.#over.signal
  }

  get leftMs(): number {
    return Math.max(0, this.#endsAt - monotonicMs())
  }

  restart(limitMs: number): void {
    checkTimeout('limitMs', limitMs)
    this.#set({ limitMs, leftMs: limitMs })
  }

  extend(ms: number): void {
    this.#set({ limitMs: this.#limitMs + ms, leftMs: this.leftMs + ms })
  }

  save(): void {
    this.#saved.push({ limitMs: this.#limitMs, leftMs: this.leftMs })
  }

  restore(): void {
    const saved = this.#saved.pop()
    if (!saved) throw new StateError(`${this.#what}: no limit is saved; call save() first`)
    this.#set(saved)
  }

  [Symbol.dispose](): void {
    this.#timer.abort(dropped)
  }

  #set({ limitMs, leftMs }: Saved): void {
    this.#limitMs = limitMs
    this.#endsAt = monotonicMs() + leftMs
    this.#schedule()
  }

  #schedule(): void {
    this.#timer.abort(dropped)
    this.#timer = new AbortController()
    sleep(this.leftMs, this.#timer.signal).then(
      () => this.#over.abort(new DeadlineError('the test', this.#limitMs, describeLimit(this.#limitMs))),
      () => {},
    )
  }
}

interface Saved {
  readonly limitMs: number
  readonly leftMs: number
}

function describeLimit(limitMs: number): string {
  return `its limit of ${Math.round(limitMs) / 1_000} s`
}
