import { formatDuration } from '../../page/client/format.ts'
import type { ReportAttempt, ReportData, ReportMachine, ReportService, ReportTest } from '../report-data.ts'

/** The place of services that all machines share. */
export const wholePool: ReportMachine = { name: 'the whole pool', host: '', spans: [] }

/** The data of the page, with questions to the data from all parts of the page. */
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

  /** Returns the services that belong to the test of an attempt. */
  servicesOf(attempt: ReportAttempt): ReportService[] {
    return this.data.services.filter(({ attempt: position = -1 }) => this.data.attempts[position] === attempt)
  }

  /** Returns the place of a service: its machine, or the whole pool. */
  placeOf({ machine: position = -1 }: ReportService): string {
    const machine = this.data.machines[position]
    return machine ? this.machineName(machine) : wholePool.name
  }

  /** Returns the name of a machine, with the host if several hosts took part. */
  machineName({ name, host }: ReportMachine): string {
    return this.hosts.size > 1 && !name.includes(host) ? `${host} ${name}` : name
  }

  /** Returns the name of a test, with the platform if the tests have several platforms. */
  testName({ name, platform }: ReportTest): string {
    return this.hasPlatforms ? `${name} (${platform})` : name
  }

  /** Names of the hosts that took part. */
  get hosts(): ReadonlySet<string> {
    return new Set([...this.data.runs, ...this.data.machines].map(({ host }) => host))
  }

  get hasPlatforms(): boolean {
    return this.data.tests.some(({ platform }) => platform !== this.data.tests[0]?.platform)
  }

  /** Returns the milliseconds from the begin of an attempt to the end, or to the last time on record. */
  durationOf({ begin, end = this.data.end }: ReportAttempt): number {
    return Math.max(0, end - begin)
  }

  /** Returns the time of the last attempt: the attempt that counts. */
  durationText(test: ReportTest): string {
    const last = this.attemptsOf(test).at(-1)
    return last ? formatDuration(this.durationOf(last)) : ''
  }
}
