import { asError } from '../../kernel/errors.ts'
import type { ReportedResult } from '../../results/rows.ts'
import type { ControlResult } from '../control/control-result.ts'
import { PartialResults } from '../control/partial-results.ts'
import type { RunningAttempt } from './pool-test.ts'

/** Statuses with which a test has not passed. */
const failing: readonly string[] = ['fail', 'error', 'infra']

/** Most names of failed parts in a note. */
const shownParts = 3

/** Name of the file for the output of a test without an own result. */
const outputFile = 'output.txt'

/** The results of an attempt, as reported by the test. */
export class AttemptResults {
  readonly #attempt: RunningAttempt
  readonly #partials = new PartialResults()
  readonly #failedParts: string[] = []
  #parts = 0
  #hasOwn = false
  #hasFailed = false

  constructor(attempt: RunningAttempt) {
    this.#attempt = attempt
  }

  /** Whether the test has reported a result for the whole test, and not only for parts. */
  get hasOwn(): boolean {
    return this.#hasOwn
  }

  /** Whether the test or a part of the test has failed. */
  get hasFailed(): boolean {
    return this.#hasFailed
  }

  /** Returns `2 of 9 results failed: /part/two, /part/seven`; `undefined` if no part has failed. */
  get failedParts(): string | undefined {
    const failed = this.#failedParts
    if (failed.length === 0) return undefined
    const more = failed.length > shownParts ? ` and ${failed.length - shownParts} more` : ''
    return `${failed.length} of ${this.#parts} results failed: ${failed.slice(0, shownParts).join(', ')}${more}`
  }

  /** Takes a result from the test; a partial result waits for the rest. @throws ERR_CONTROL */
  async add(result: ControlResult): Promise<void> {
    const whole = this.#partials.add(result)
    if (whole) await this.#report(whole)
  }

  /** Reports all open partial results. @throws ERR_CONTROL */
  async close(): Promise<void> {
    for (const result of this.#partials.rest()) await this.#report(result)
  }

  /** Reports a result for the whole test, with the output. */
  async reportOwn(status: string, note?: string): Promise<void> {
    await this.#report({ status, ...(note && { note }), testout: outputFile })
  }

  async #report(result: ReportedResult): Promise<void> {
    const hasFailed = failing.includes(result.status)
    const isOwn = result.name === undefined
    if (result.name !== undefined) {
      this.#parts++
      if (hasFailed) this.#failedParts.push(result.name)
    }
    this.#hasOwn ||= isOwn
    this.#hasFailed ||= hasFailed
    await this.#attempt.report(isOwn && hasFailed ? await this.#withServiceLogs(result) : result)
  }

  async #withServiceLogs(result: ReportedResult): Promise<ReportedResult> {
    const logs = await this.#attempt.serviceLogs().catch((thrown) => ({ unreadable: asError(thrown).message }))
    const written = Object.entries(logs).filter(([, log]) => log !== '')
    const files = written.map(([service, content]) => ({ name: `service-${service}.log`, content }))
    return files.length > 0 ? { ...result, files: [...(result.files ?? []), ...files] } : result
  }
}
