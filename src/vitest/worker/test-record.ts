import { hasCode } from '../../kernel/errors.ts'
import type { ExternalService } from '../../service/external-service.ts'
import { type LogPosition, logPositionOf } from '../../service/instance/log-excerpt.ts'
import type { LeasedSlot, TestSlot } from '../client/test-slot.ts'
import { evidenceError, evidenceOf } from '../slot/failure-evidence.ts'
import { presentable } from '../slot/presentable.ts'
import type { TestEnding } from '../slot/test-outcome.ts'
import { explainUnhandledIn } from './unhandled-errors.ts'

type Service = ExternalService<object>

interface Titled {
  readonly name: string
  readonly suite?: Titled | undefined
}

interface Task extends Titled {
  readonly fails?: boolean | undefined
  readonly concurrent?: boolean | undefined
  readonly context: object
  readonly retry?: number | { readonly condition?: unknown } | undefined
  readonly result?: { readonly state?: string; readonly errors?: ReportedError[] | undefined } | undefined
}

/** An error in Vitest's report. */
interface ReportedError {
  readonly name?: string | undefined
  readonly message: string
  readonly stack?: string | undefined
}

/** The used parts of Vitest's test context. */
export interface RunningTest {
  readonly task: Task
  onTestFinished(end: () => void | Promise<void>): void
}

const records = new WeakMap<object, TestRecord>()
let lastId = 0

/** The slots and services that one try of a test uses. Tells the slots how the try ends. */
export class TestRecord {
  readonly id = `${process.pid}-${++lastId}`
  readonly isConcurrent: boolean
  readonly #task: Task
  /** Slots that were told of the beginning of the test. */
  readonly #told = new Map<TestSlot, Promise<void>>()
  /** Slots that are asked about the test only if a service has died. */
  readonly #watched = new Set<TestSlot>()
  readonly #leases = new Map<TestSlot, Promise<LeasedSlot>>()
  /** Dedicated services, with the end of their logs when the test began. */
  readonly #own = new Map<Service, LogPosition>()

  constructor({ task }: RunningTest) {
    this.#task = task
    this.isConcurrent = task.concurrent === true
  }

  /** Makes the test fail if a service of the slot dies during the test, even a service that the test does not use. */
  async watch(slot: TestSlot): Promise<void> {
    this.#watched.add(slot)
    if (!slot.seemsAlive()) await this.#begin(slot)
  }

  /** Returns the slot for the services that the test uses; a concurrent test gets an own slot. */
  async slotFor(slot: TestSlot): Promise<TestSlot> {
    return this.isConcurrent ? this.#lease(slot) : slot
  }

  /** Makes services of a slot ready for the test. Default: all services that are up. */
  async prepare(slot: TestSlot, names: readonly string[] = slot.up): Promise<void> {
    await this.#begin(slot)
    for (const name of names) this.willUse(slot.service(name))
    await slot.prepare(this.id, names)
  }

  /** Called before the reset of a service, which may end connections that an earlier test has left open. */
  willUse(service: Service): void {
    explainUnhandledIn(titleOf(this.#task), service)
  }

  /** Remembers the end of a dedicated service's log: later lines are shown if the test fails. */
  beginOwn(service: Service): void {
    this.#own.set(service, logPositionOf(service))
  }

  /**
   * Called after the test's own hooks and fixtures. @throws further errors of the test, and log lines of its services
   */
  async end(): Promise<void> {
    const { result, fails: isToFail = false } = this.#task
    const outcome = { title: titleOf(this.#task), isFailed: result?.state === 'fail', isToFail }
    const noticed = [...this.#watched].filter((slot) => !slot.seemsAlive())
    const concerned = new Set([...this.#told.keys(), ...noticed])
    const ended = [...concerned].map((slot) => slot.end(this.id, outcome))
    const endings = await Promise.all([...ended, ...(isToFail ? [] : [this.#endOwn(outcome)])])
    for (const leasing of this.#leases.values()) await (await leasing).release()
    const errors = endings.flatMap((ending) => ending.errors)
    const evidence = endings.flatMap((ending) => ending.evidence).map(evidenceError)
    emit(this.#task, errors.map(presentable), evidence)
  }

  async #begin(slot: TestSlot): Promise<void> {
    const begun = this.#told.get(slot) ?? slot.begin(this.id)
    this.#told.set(slot, begun)
    await begun
  }

  async #lease(slot: TestSlot): Promise<TestSlot> {
    const leasing = this.#leases.get(slot) ?? slot.lease()
    this.#leases.set(slot, leasing)
    return leasing
  }

  async #endOwn({ title, isFailed }: { readonly title: string; readonly isFailed: boolean }): Promise<TestEnding> {
    const looks = await Promise.all([...this.#own.keys()].map(leftOpen))
    const errors = looks.filter((error) => error !== undefined)
    if (!isFailed && errors.length === 0) return { errors, evidence: [] }
    const told = [...this.#own].map(([service, since]) => evidenceOf(service, { since, title }))
    return { errors, evidence: (await Promise.all(told)).filter((text) => text !== undefined) }
  }
}

/** Returns the record of the present try of a test. */
export function recordOf(test: RunningTest): TestRecord {
  const present = records.get(test.task)
  if (present !== undefined) return present
  const record = new TestRecord(test)
  records.set(test.task, record)
  test.onTestFinished(async () => {
    records.delete(test.task)
    await record.end()
  })
  return record
}

/**
 * Returns the error about open connections (ERR_STATE). A dead or stopped service is reported to the next test that
 * uses the service.
 */
async function leftOpen(service: Service): Promise<Error | undefined> {
  try {
    await service.checkLeftOpen()
    return undefined
  } catch (thrown) {
    return hasCode(thrown, 'ERR_STATE') ? (thrown as Error) : undefined
  }
}

/**
 * Reports errors by throwing: Vitest 3 and 4 add a thrown error to the errors of the test, as the last. If a condition
 * decides on a retry, the errors are inserted before the test's last error, because Vitest 4 asks the condition about
 * the last error.
 */
function emit({ retry, result }: Task, errors: readonly Error[], evidence: readonly Error[]): void {
  const all = [...errors, ...evidence]
  if (all.length === 0) return
  const isJudged = typeof retry === 'object' && retry.condition !== undefined
  if (isJudged && result?.errors) {
    result.errors.splice(-1, 0, ...all.map(({ name, message, stack = '' }) => ({ name, message, stack })))
    return
  }
  throw all.length === 1 ? all[0] : new AggregateError(all)
}

function titleOf({ name, suite }: Titled): string {
  return suite?.name ? `${titleOf(suite)} > ${name}` : name
}
