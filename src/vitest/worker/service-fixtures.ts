import { type Config, checkConfig } from '../../config/define-config.ts'
import type { ServiceOf } from '../../service/definition.ts'
import type { ExternalService } from '../../service/external-service.ts'
import type { Definitions } from '../../session/service-registry.ts'
import { runContext } from '../client/run-settings.ts'
import { runner } from '../client/runner.ts'
import { withPresentableErrors } from '../slot/presentable.ts'
import { beforeTry, leaveTime } from './before-time.ts'
import { hookTimeoutMs } from './hook-timeout.ts'
import { type RunningTest, recordOf, type TestRecord } from './test-record.ts'
import { WorkerServices } from './worker-services.ts'

/** One fixture for each service of a config. */
export type ServiceFixtures<D extends Definitions> = {
  -readonly [Name in keyof D]: ServiceOf<D[Name]>
}

type Use<T> = (value: T) => Promise<void>

interface Own extends RunningTest {
  testServicesOfWorker: WorkerServices
}

/**
 * Returns fixtures for `base.extend(serviceFixtures(config))`. A service comes up when a test of the worker first uses
 * the service, and is reset, with its needs, before each test that uses the service. With the plugin, a service stays
 * for the files that follow, until the run ends; without the plugin, until the worker ends.
 *
 * When a test fails, the log lines that its services wrote during the test follow the test's error. Each concurrent
 * test (`test.concurrent`) has services of its own.
 *
 * @throws ERR_CONFIG for a value that is no config
 */
export function serviceFixtures<D extends Definitions>(config: Config<D>): ServiceFixtures<D> {
  checkConfig(config, 'the config of serviceFixtures()')
  const services = WorkerServices.of(config as unknown as Config)
  // The plugin's set-up file does this for every file.
  if (!runContext())
    runner().beforeEach(({ task, onTestFinished }) => beforeTry({ task, onTestFinished }), hookTimeoutMs)
  const own = Object.keys(config.services).map((name) => [name, createFixture(name)] as const)
  const fixtures = {
    testServicesOfWorker: [createWorkerFixture(services), { scope: 'worker' }],
    ...Object.fromEntries(own),
  }
  // Vitest infers the type of a fixture from a value, not from a function that makes one.
  return fixtures as unknown as ServiceFixtures<D>
}

// Vitest reads from the text of a fixture which fixtures are needed: the names must be destructured in the first
// parameter.

function createWorkerFixture(services: WorkerServices) {
  // biome-ignore lint/correctness/noEmptyPattern: this is how Vitest wants to be told that there are none
  return async ({}: object, use: Use<WorkerServices>): Promise<void> => {
    const leave = services.slot.join()
    await use(services)
    await withPresentableErrors(leave)
  }
}

function createFixture(name: string) {
  return async (
    { testServicesOfWorker, task, onTestFinished }: Own,
    use: Use<ExternalService<object>>,
  ): Promise<void> => {
    const test = { task, onTestFinished }
    const provide = async (record: TestRecord): Promise<ExternalService<object>> => {
      const slot = await record.slotFor(testServicesOfWorker.slot)
      if (!slot.up.includes(name)) leaveTime(test, name, provide)
      await record.prepare(slot, [name])
      return slot.service(name)
    }
    await use(await withPresentableErrors(() => provide(recordOf(test))))
  }
}
