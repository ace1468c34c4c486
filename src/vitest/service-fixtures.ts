import { type Config, checkConfig } from '../config/define-config.ts'
import type { ServiceOf } from '../service/definition.ts'
import type { ExternalService } from '../service/external-service.ts'
import type { Definitions } from '../session/catalogue.ts'
import { presenting } from './presentable.ts'
import { type RunningTest, recordOf } from './test-record.ts'
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
 * Fixtures for `base.extend(serviceFixtures(config))`: each service comes up when a test of this worker first uses it,
 * attached to the run's instance where there is one, is reset before each test that uses it, and is cleaned up when
 * the worker ends. From its set-up on `process.env` names the worker's own, also in the config's `environment`.
 *
 * When a test fails, what its services wrote during it follows its error; tests that run at the same time share that,
 * as they share the services.
 *
 * @throws ERR_CONFIG for what is no config
 */
export function serviceFixtures<D extends Definitions>(config: Config<D>): ServiceFixtures<D> {
  checkConfig(config, 'the config of serviceFixtures()')
  const services = WorkerServices.of(config as unknown as Config)
  const own = Object.keys(config.services).map((name) => [name, createFixture(name)] as const)
  const fixtures = {
    testServicesOfWorker: [createHolder(services), { scope: 'worker' }],
    ...Object.fromEntries(own),
  }
  // Vitest infers the type of a fixture from a value, not from a function that makes one.
  return fixtures as unknown as ServiceFixtures<D>
}

// Vitest reads from the text of a fixture which others it uses: their names must be destructured where it begins.

function createHolder(services: WorkerServices) {
  // biome-ignore lint/correctness/noEmptyPattern: this is how Vitest wants to be told that there are none
  return async ({}: object, use: Use<WorkerServices>): Promise<void> => {
    const leave = services.join()
    await use(services)
    await presenting(leave)
  }
}

function createFixture(name: string) {
  return async (
    { testServicesOfWorker, task, onTestFailed, onTestFinished }: Own,
    use: Use<ExternalService<object>>,
  ): Promise<void> => {
    const record = recordOf({ task, onTestFailed, onTestFinished })
    await use(await presenting(() => testServicesOfWorker.prepare(name, record)))
  }
}
