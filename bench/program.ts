import { execa, type ResultPromise } from 'execa'
import { StateError } from '../src/index.ts'
import { type Deadline, settlesWithin } from '../src/kernel/deadline.ts'

/** What it is doing is done to the end, which may be the start of a server and its stop. */
const leaveLimitMs = 20_000

/** How long something took, in milliseconds. */
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

/** What a program of `bench/programs` sends back. */
type Answer = { readonly value: unknown } | { readonly error: string }

/** A child process that answers one question at a time, and cleans up and ends when the bench hangs up. */
export class Program implements AsyncDisposable {
  readonly #process: ResultPromise<ProgramOptions & { ipc: true; stdout: 'ignore'; stderr: 'inherit' }>
  readonly #deadline: Deadline

  constructor(argv: readonly [string, ...string[]], options: ProgramOptions, deadline: Deadline) {
    const [file, ...rest] = argv
    this.#process = execa(file, rest, { ...options, ipc: true, stdout: 'ignore', stderr: 'inherit' })
    // Its end is looked at when it is asked something, and when it is left.
    this.#process.catch(() => {})
    this.#deadline = deadline
  }

  get pid(): number {
    return this.#process.pid ?? Number.NaN
  }

  /** Has it do a step, and gives what that came to. */
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
