import { execa, type ResultPromise } from 'execa'
import { StateError } from '../src/fixture.ts'
import { type Deadline, settlesWithin } from '../src/kernel/deadline.ts'

/**
 * Limit for the end of a program, in milliseconds. The present step is completed first; the step may start and stop a
 * server.
 */
const leaveLimitMs = 20_000

/** A duration, in milliseconds. */
export interface Time {
  readonly ms: number
}

interface ProgramOptions {
  readonly cwd: string
  readonly env: NodeJS.ProcessEnv
  readonly extendEnv: false
  readonly detached: true
  readonly uid?: number
  readonly gid?: number
}

/** Message from a program of `bench/programs`. */
type Answer = { readonly value: unknown } | { readonly error: string }

/** A child process that answers one question at a time. The process cleans up and ends when the bench disconnects. */
export class Program implements AsyncDisposable {
  readonly #process: ResultPromise<ProgramOptions & { ipc: true; stdout: 'ignore'; stderr: 'inherit' }>
  readonly #deadline: Deadline

  constructor(argv: readonly [string, ...string[]], options: ProgramOptions, deadline: Deadline) {
    const [file, ...rest] = argv
    this.#process = execa(file, rest, { ...options, ipc: true, stdout: 'ignore', stderr: 'inherit' })
    // The end of the process is checked at the next question, and on disposal.
    this.#process.catch(() => {})
    this.#deadline = deadline
  }

  get pid(): number {
    return this.#process.pid ?? Number.NaN
  }

  /** Asks the program for a step, and returns the result. */
  async ask<T>(step: string, ...args: readonly (string | number)[]): Promise<T> {
    const answered = this.#process.getOneMessage() as Promise<Answer>
    const asked = this.#process.sendMessage({ step, args: [...args] })
    const [answer] = await this.#deadline.race(() => Promise.all([answered, asked]))
    if ('error' in answer) throw new StateError(`the step "${step}" failed: ${answer.error}`)
    return answer.value as T
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#process.connected) this.#process.disconnect()
    if (await settlesWithin(this.#process, leaveLimitMs)) return
    this.#process.kill('SIGKILL')
    throw new StateError(`a program of the bench had not ended ${leaveLimitMs} ms after it was told to`)
  }
}
