import { testFunctions } from '../client/runner.ts'
import { withPresentableErrors } from '../slot/presentable.ts'
import { type RunningTest, recordOf, type TestRecord } from './test-record.ts'

/** Brings the service of a fixture up, and returns the service reset for a test. */
export type Provide = (record: TestRecord) => Promise<object>

/** Thrown by a fixture: ends a try of a test before its body, so that the service can come up outside of the test's time. */
class ServiceIsDown extends Error {
  readonly fixture: string
  readonly provide: Provide

  constructor(fixture: string, provide: Provide) {
    super(`the service of the fixture ${fixture} is down`)
    this.fixture = fixture
    this.provide = provide
  }
}

/** A test whose function runs in our own function. */
interface Wrapped {
  readonly run: () => unknown
  /** Fixtures that were provided before the time of the test, by name. */
  readonly provided: Map<string, Provide>
  isRunning: boolean
}

const wrapped = new WeakMap<object, Wrapped>()

/**
 * Called before each try of a test. Vitest counts the set-up of fixtures as time of the test, and a service may take
 * longer to start. It cannot tell which fixtures a test uses; so the test runs until a fixture finds its service down,
 * and again once the service is up. Vitest sets up the fixtures that came before only once.
 */
export async function beforeTry(test: RunningTest): Promise<void> {
  const { task } = test
  const known = wrapped.get(task)
  // Vitest 4.1 keeps such fixtures for further tries of the test.
  for (const [fixture, provide] of known?.provided ?? []) await provideBefore(test, fixture, provide)
  const run = testFunctions?.getFn(task)
  if (known || !run) return
  const state: Wrapped = { run, provided: new Map(), isRunning: false }
  wrapped.set(task, state)
  testFunctions?.setFn(task, () => runWithServices(test, state))
}

/** Called by a fixture whose service is down. @throws for `beforeTry`, if the test can begin again */
export function leaveTime({ task }: RunningTest, fixture: string, provide: Provide): void {
  const state = wrapped.get(task)
  // A service that has ended again since then is brought up within the test's time.
  if (state?.isRunning && !state.provided.has(fixture)) throw new ServiceIsDown(fixture, provide)
}

async function runWithServices(test: RunningTest, state: Wrapped): Promise<void> {
  state.isRunning = true
  try {
    await state.run()
  } catch (thrown) {
    if (!(thrown instanceof ServiceIsDown)) throw thrown
    state.provided.set(thrown.fixture, thrown.provide)
    await provideBefore(test, thrown.fixture, thrown.provide)
    await runWithServices(test, state)
  } finally {
    state.isRunning = false
  }
}

/** Vitest 4.1 does not ask a fixture again that has failed, and takes the value that the context has. */
async function provideBefore(test: RunningTest, fixture: string, provide: Provide): Promise<void> {
  const service = await withPresentableErrors(() => provide(recordOf(test)))
  Object.assign(test.task.context, { [fixture]: service })
}
