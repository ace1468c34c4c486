import { hasCode } from '../../kernel/errors.ts'
import type { ExternalService } from '../../service/external-service.ts'
import type { LogMark } from '../../service/log-slice.ts'
import { evidenceError, evidenceOf } from '../slot/failure-evidence.ts'
import { presentable } from '../slot/presentable.ts'
import type { TestEnding } from '../slot/test-outcome.ts'
import type { LeasedSlot, TestSlot } from './test-slot.ts'
import { explainUnhandled } from './unhandled-errors.ts'

type Service = ExternalService<object>

interface Titled {
  readonly name: string
  readonly suite?: Titled | undefined
}

interface Task extends Titled {
  readonly fails?: boolean | undefined
  readonly concurrent?: boolean | undefined
  readonly retry?: number | { readonly condition?: unknown } | undefined
  readonly result?: { readonly state?: string; readonly errors?: ReportedError[] | undefined } | undefined
}

/** What Vitest makes of an error. */
interface ReportedError {
  readonly name?: string | undefined
  readonly message: string
  readonly stack?: string | undefined
}

/** What we want of Vitest's context of a test. */
export interface RunningTest {
  readonly task: Task
  onTestFinished(end: () => void | Promise<void>): void
}

const records = new WeakMap<object, TestRecord>()
let lastId = 0

/** Which slots, and which services of its file alone, one try of a test has; told how it ends. */
export class TestRecord {
  readonly id = `${process.pid}-${++lastId}`
  readonly isConcurrent: boolean
  readonly #task: Task
  /** The slots that have been told of the test, and those that need not be unless something dies. */
  readonly #told = new Map<TestSlot, Promise<void>>()
  readonly #watched = new Set<TestSlot>()
  readonly #leases = new Map<TestSlot, Promise<LeasedSlot>>()
  /** Services that only one `useService` has, and where their logs were. */
  readonly #own = new Map<Service, LogMark>()

  constructor({ task }: RunningTest) {
    this.#task = task
    this.isConcurrent = task.concurrent === true
  }

  /** The test runs from now on: it fails if something of this slot dies, whether it uses that or not. */
  async watch(slot: TestSlot): Promise<void> {
    this.#watched.add(slot)
    if (!slot.seemsAlive()) await this.#begin(slot)
  }

  /** The slot for what the test uses: tests that run at the same time have one each. */
  async slotFor(slot: TestSlot): Promise<TestSlot> {
    return this.isConcurrent ? this.#lease(slot) : slot
  }

  /** Makes services of a slot ready for this test. Without names: all that are up. */
  async prepare(slot: TestSlot, names: readonly string[] = slot.up): Promise<void> {
    await this.#begin(slot)
    for (const name of names) this.willUse(slot.service(name))
    await slot.prepare(this.id, names)
  }

  /** The test is about to use a service: its reset may end what a test before has left open. */
  willUse(service: Service): void {
    explainUnhandled(service, titleOf(this.#task))
  }

  /** From now on, what a service of this file does is this test's: should that fail, it is told beneath the failure. */
  beginOwn(service: Service): void {
    this.#own.set(service, service.logMark())
  }

  /** After the test's own hooks and fixtures. @throws what the test fails of besides, and what its services say of it */
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
    tell(this.#task, errors.map(presentable), evidence)
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

/** The record of the try that is under way. */
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

/** A service that a test has killed, or stopped, is the news of whoever wants it next. */
async function leftOpen(service: Service): Promise<Error | undefined> {
  try {
    await service.checkLeftOpen()
    return undefined
  } catch (thrown) {
    return hasCode(thrown, 'ERR_STATE') ? (thrown as Error) : undefined
  }
}

/**
 * Throws: Vitest 3 and 4 report what is thrown here as further errors of the test, after its own. Where a condition
 * decides on another try they stand before it: Vitest 4 asks the condition about the last error.
 */
function tell({ retry, result }: Task, errors: readonly Error[], evidence: readonly Error[]): void {
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
