import { basename } from 'node:path'
import { monotonicMs } from '../kernel/clock.ts'
import { later } from '../kernel/deadline.ts'
import { onAbort } from '../kernel/on-abort.ts'

/** Signals that ask a holder to stop. */
const stopping = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/**
 * Time in which a further signal counts as the same request, delivered twice. Ctrl-C below `npm run` arrives once from
 * the terminal and once from npm, which forwards the signal; `timeout` signals its child and then the group.
 */
const sameRequestMs = 100

const parentPollMs = 250

/** Listens for the signals that end a holder: the first signal asks, a later signal stops the waiting. */
export class StopSignals implements Disposable {
  readonly #asked = new AbortController()
  readonly #forceSignal = new AbortController()
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

  /** Fires at the second signal: no more waiting, kill. */
  get forceSignal(): AbortSignal {
    return this.#forceSignal.signal
  }

  /** First signal received. */
  get received(): NodeJS.Signals | undefined {
    return this.#received
  }

  /** Asks for the end like a signal: a later signal counts as the second. */
  ask(): void {
    const now = monotonicMs()
    this.#askedAt ??= now
    if (now - this.#askedAt > sameRequestMs) this.#forceSignal.abort()
    this.#asked.abort()
  }

  /**
   * Treats the death of the parent process as a SIGHUP. `npx` forwards no signals, so below `npx` the death of the
   * parent is the only sign that the work is no longer wanted. Does nothing for a child of init, or a process started
   * by `nohup`.
   */
  onParentMessage(): void {
    const parent = process.ppid
    if (parent === 1 || isByNohup()) return
    const look = (): void => {
      if (process.ppid === parent) this.#forgetParent = later(parentPollMs, look)
      else this.#receive('SIGHUP')
    }
    look()
  }

  /** Resolves when a signal, or the death of the parent, asks for the end. */
  async whenAsked(): Promise<void> {
    await new Promise<void>((resolve) => onAbort(this.asked, resolve))
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
 * Whether `nohup` started this process, by the variable in which bash and zsh put the program's own command. Node hides
 * whether SIGHUP is ignored: at its start, Node gives every signal the default action.
 */
function isByNohup(): boolean {
  return basename(process.env._ ?? '') === 'nohup'
}
