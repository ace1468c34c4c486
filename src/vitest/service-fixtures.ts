import type { Config } from '../config/define-config.ts'
import type { ConfigOf } from '../service/definition.ts'
import type { ExternalService } from '../service/external-service.ts'
import type { Definitions } from '../session/service-set.ts'
import { presenting } from './presentable.ts'
import { WorkerServices } from './worker-services.ts'

/** One fixture for each service of a config. */
export type ServiceFixtures<D extends Definitions> = {
  -readonly [Name in keyof D]: ExternalService<ConfigOf<D[Name]> & object>
}

type Use<T> = (value: T) => Promise<void>

interface Own {
  testServicesOfWorker: WorkerServices
  testServicesOfTest: Set<string>
}

const perWorker = new WeakMap<object, WorkerServices>()

/**
 * Fixtures for `base.extend(serviceFixtures(config))`: each service comes up when a test of this worker first uses it,
 * attached to the run's instance where there is one, is reset before each test that uses it, and is cleaned up when
 * the worker ends. From its set-up on `process.env` names the worker's own, also in the config's `environment`.
 */
export function serviceFixtures<D extends Definitions>(config: Config<D>): ServiceFixtures<D> {
  const services = perWorker.get(config) ?? new WorkerServices(config as unknown as Config<Definitions>)
  perWorker.set(config, services)
  const own = Object.keys(config.services).map((name) => [name, createFixture(name)] as const)
  const fixtures = {
    testServicesOfWorker: [createHolder(services), { scope: 'worker' }],
    testServicesOfTest: createRecord,
    ...Object.fromEntries(own),
  }
  // Vitest infers the type of a fixture from a value, not from a function that makes one.
  return fixtures as unknown as ServiceFixtures<D>
}

// Vitest reads from the text of a fixture which others it uses: their names must be destructured where it begins.

function createHolder(services: WorkerServices) {
  // biome-ignore lint/correctness/noEmptyPattern: this is how Vitest wants to be told that there are none
  return async ({}: object, use: Use<WorkerServices>): Promise<void> => {
    services.join()
    await use(services)
    await presenting(() => services.leave())
  }
}

/** Which services have been reset for this test. */
// biome-ignore lint/correctness/noEmptyPattern: this is how Vitest wants to be told that there are none
async function createRecord({}: object, use: Use<Set<string>>): Promise<void> {
  await use(new Set())
}

function createFixture(name: string) {
  return async (
    { testServicesOfWorker, testServicesOfTest }: Own,
    use: Use<ExternalService<object>>,
  ): Promise<void> => {
    await use(await presenting(() => testServicesOfWorker.prepare(name, testServicesOfTest)))
  }
}
