import type { ReportResult, ReportTest } from './report-data.ts'
import { byUrgency, isFailure } from './statuses.ts'

interface Entry {
  readonly name: string
  readonly platform: string
  readonly results: ReportResult[]
  readonly attempts: number[]
  /** Status of an attempt without any result. */
  fallback: string
  /** Failure of the attempt that counts: stands against results that are none. */
  verdict: string | undefined
}

interface AttemptStatus {
  readonly index: number
  readonly status: string
  readonly verdict: string | undefined
}

/** Collects results and attempts by test and platform. */
export class TestList {
  readonly #entries: Entry[] = []
  readonly #indexes = new Map<string, number>()

  addResult(name: string, platform: string, result: ReportResult): void {
    this.#entry(name, platform).results.push(result)
  }

  /**
   * @param attempt with the status of the test without a result, and the failure that the attempt means for the test
   * @returns the position of the test
   */
  addAttempt(name: string, platform: string, attempt: AttemptStatus): number {
    const entry = this.#entry(name, platform)
    entry.attempts.push(attempt.index)
    entry.fallback = attempt.status
    entry.verdict ??= attempt.verdict
    return this.#indexes.get(keyOf(name, platform)) ?? 0
  }

  finish(): ReportTest[] {
    return this.#entries.map(({ name, platform, results, attempts, fallback, verdict }) => ({
      name,
      platform,
      status: statusOf(results, verdict) ?? fallback,
      // The whole test first, then failures; else in the order of the reports.
      results: results.toSorted((a, b) => rank(a) - rank(b)),
      attempts,
    }))
  }

  #entry(name: string, platform: string): Entry {
    const key = keyOf(name, platform)
    const index = this.#indexes.get(key) ?? this.#entries.length
    const entry = this.#entries[index] ?? {
      name,
      platform,
      results: [],
      attempts: [],
      fallback: 'canceled',
      verdict: undefined,
    }
    this.#entries[index] = entry
    this.#indexes.set(key, index)
    return entry
  }
}

function keyOf(name: string, platform: string): string {
  return JSON.stringify([name, platform])
}

function rank({ name, status }: ReportResult): number {
  if (name === undefined) return 0
  return isFailure(status) ? 1 : 2
}

function statusOf(results: readonly ReportResult[], verdict: string | undefined): string | undefined {
  const own = results.find(({ name }) => name === undefined)
  if (own) return verdict !== undefined && !isFailure(own.status) ? verdict : own.status
  return results.map(({ status }) => status).sort(byUrgency)[0]
}
