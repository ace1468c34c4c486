import { asError, hasCode } from '../kernel/errors.ts'
import type { ExternalService } from '../service/external-service.ts'
import type { LogMark } from '../service/log-slice.ts'
import { failureEvidence } from './failure-evidence.ts'
import { presenting } from './presentable.ts'
import { explainUnhandled } from './unhandled-errors.ts'

type Service = ExternalService<object>

interface Titled {
  readonly name: string
  readonly suite?: Titled | undefined
}

interface Task extends Titled {
  readonly fails?: boolean | undefined
  readonly retry?: number | { readonly condition?: unknown } | undefined
  readonly result?: { readonly errors?: ReportedError[] | undefined } | undefined
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
  onTestFailed(tell: () => Promise<void>): void
  onTestFinished(end: () => void | Promise<void>): void
}

/** How many tests use a service now. */
const users = new WeakMap<Service, number>()

const records = new WeakMap<object, TestRecord>()

/** Which services stand ready for one try of a test, whether fixtures or hooks have brought them. */
export class TestRecord {
  readonly #test: RunningTest
  readonly #begun = new Set<Service>()

  constructor(test: RunningTest) {
    this.#test = test
  }

  hasBegun(service: Service): boolean {
    return this.#begun.has(service)
  }

  /** From now on, what the service does is this test's: should that fail, it is told beneath the failure. */
  begin(service: Service): void {
    this.#begun.add(service)
    explainUnhandled(service)
    const mark = service.logMark()
    users.set(service, (users.get(service) ?? 0) + 1)
    const { task } = this.#test
    this.#test.onTestFinished(() => presenting(() => this.#end(service)))
    if (!task.fails) this.#test.onTestFailed(async () => tell(task, await evidenceOf(service, mark, titleOf(task))))
  }

  /** After the test's own hooks and fixtures. What others have open that run at the same time is theirs. */
  async #end(service: Service): Promise<void> {
    const others = (users.get(service) ?? 1) - 1
    users.set(service, others)
    if (others === 0 && !this.#test.task.fails) await checkLeftOpen(service)
  }
}

/** The record of the try that is under way. */
export function recordOf(test: RunningTest): TestRecord {
  const present = records.get(test.task)
  if (present !== undefined) return present
  const record = new TestRecord(test)
  records.set(test.task, record)
  test.onTestFinished(() => void records.delete(test.task))
  return record
}

/** A service that a test has killed, or stopped, is the news of whoever wants it next. */
async function checkLeftOpen(service: Service): Promise<void> {
  try {
    await service.checkLeftOpen()
  } catch (thrown) {
    if (hasCode(thrown, 'ERR_STATE')) throw thrown
  }
}

async function evidenceOf(service: Service, mark: LogMark, title: string): Promise<Error | undefined> {
  const written = service.logSince(mark)
  const kept = await service.keepFailure(title).catch((thrown) => `nothing is kept: ${asError(thrown).message}`)
  return written || kept ? failureEvidence(service, { written, kept }) : undefined
}

/**
 * Throws: what is thrown here Vitest 3 and 4 report as another error of the test, after its own. Not where a condition
 * decides on another try: Vitest 4 asks it of the last error, which has to be the test's own.
 */
function tell({ retry, result }: Task, evidence: Error | undefined): void {
  if (evidence === undefined) return
  if (!result?.errors || typeof retry !== 'object' || retry.condition === undefined) throw evidence
  const { name, message, stack = '' } = evidence
  result.errors.splice(-1, 0, { name, message, stack })
}

function titleOf({ name, suite }: Titled): string {
  return suite?.name ? `${titleOf(suite)} > ${name}` : name
}
