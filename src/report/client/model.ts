import { formatDuration } from '../../page/client/format.ts'
import type { ReportAttempt, ReportData, ReportMachine, ReportTest } from '../report-data.ts'

/** The data of the page, with what its parts ask of it. */
export class Model {
  readonly data: ReportData

  constructor(data: ReportData) {
    this.data = data
  }

  attemptsOf(test: ReportTest): ReportAttempt[] {
    return test.attempts.flatMap((index) => this.data.attempts[index] ?? [])
  }

  machineOf(attempt: ReportAttempt): ReportMachine | undefined {
    return this.data.machines[attempt.machine]
  }

  testOf(attempt: ReportAttempt): ReportTest | undefined {
    return this.data.tests[attempt.test]
  }

  /** Name of a machine, with its host if several hosts took part. */
  machineName({ name, host }: ReportMachine): string {
    return this.data.runs.length > 1 && !name.includes(host) ? `${host} ${name}` : name
  }

  /** Name of a test, with its platform if there are several. */
  testName({ name, platform }: ReportTest): string {
    return this.hasPlatforms ? `${name} (${platform})` : name
  }

  get hasPlatforms(): boolean {
    return this.data.tests.some(({ platform }) => platform !== this.data.tests[0]?.platform)
  }

  /** Milliseconds that an attempt took, or has taken until the last time on record. */
  durationOf({ begin, end = this.data.end }: ReportAttempt): number {
    return Math.max(0, end - begin)
  }

  /** Returns the time of the attempt that counts, which is the last. */
  durationText(test: ReportTest): string {
    const last = this.attemptsOf(test).at(-1)
    return last ? formatDuration(this.durationOf(last)) : ''
  }
}
