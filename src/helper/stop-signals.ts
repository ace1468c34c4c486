import { basename } from 'node:path'
import { monotonicMs } from '../kernel/clock.ts'
import { later } from '../kernel/deadline.ts'

/** The signals that ask a holder to stop. */
const stopping = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/**
 * Within this time a further signal is the same request, delivered twice: Ctrl-C below `npm run` comes once from the
 * terminal and once from npm, which hands it on; `timeout` signals its child and then the group.
 */
const sameRequestMs = 100

const parentPollMs = 250

/** Listens for the signals that end a holder: the first asks, a later one stops the waiting. */
export class StopSignals implements Disposable {
  readonly #asked = new AbortController()
  readonly #hurry = new AbortController()
  readonly #listeners = stopping.map((name) => [name, () => this.#receive(name)] as const)
  #received: NodeJS.Signals | undefined
  #askedAt: number | undefined
  #forgetParent = (): void => {}

  constructor() {
    for (const [name, listener] of this.#listeners) process.on(name, listener)
  }

  /** Fires at the first signal. */
  get asked(): AbortSignal {
    return this.#asked.signal
  }

  /** Fires at the second one: no more waiting, kill. */
  get hurry(): AbortSignal {
    return this.#hurry.signal
  }

  /** The first signal that came. */
  get received(): NodeJS.Signals | undefined {
    return this.#received
  }

  /** Asks as a signal does: one that comes later is the second. */
  ask(): void {
    const now = monotonicMs()
    this.#askedAt ??= now
    if (now - this.#askedAt > sameRequestMs) this.#hurry.abort()
    this.#asked.abort()
  }

  /**
   * Takes the death of this process's parent for a SIGHUP: below `npx`, which hands no signal on, nothing else tells
   * that nobody wants it any more. Not where it was started by `nohup`, nor of init's own children.
   */
  hearParent(): void {
    const parent = process.ppid
    if (parent === 1 || isByNohup()) return
    const look = (): void => {
      if (process.ppid === parent) this.#forgetParent = later(parentPollMs, look)
      else this.#receive('SIGHUP')
    }
    look()
  }

  /** Resolves when the stop is asked for. */
  async whenAsked(): Promise<void> {
    if (this.asked.aborted) return
    await new Promise<void>((resolve) => this.asked.addEventListener('abort', () => resolve(), { once: true }))
  }

  #receive(name: NodeJS.Signals): void {
    this.#received ??= name
    this.ask()
  }

  [Symbol.dispose](): void {
    this.#forgetParent()
    for (const [name, listener] of this.#listeners) process.off(name, listener)
  }
}

/**
 * By the variable in which bash and zsh tell a program what it was started as. That SIGHUP is ignored Node itself hides:
 * it gives every signal its default action when it begins.
 */
function isByNohup(): boolean {
  return basename(process.env._ ?? '') === 'nohup'
}
