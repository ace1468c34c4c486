import type { ServiceDefinition, ServiceOf } from '../service/definition.ts'
import { defaultTimeoutMs } from '../service/set-up-options.ts'
import { presenting } from './presentable.ts'
import { runner } from './runner.ts'
import { recordOf } from './test-record.ts'
import type { UseServiceOptions } from './use-service-options.ts'
import { createUsedService } from './used-service.ts'

/** Vitest's own limit comes after ours, whose error tells more. */
const hookMarginMs = 10_000

/**
 * A service for the tests of this file, or of the `describe` that this is called in: set up before the first, reset
 * before each, cleaned up after the last. Meanwhile `process.env` names it; of two with one label, the last one. When a
 * test fails, what the service wrote during it follows its error.
 *
 * Of a service that stands in a config there is one in a worker, which every `useService` and the fixture give, except
 * for `instance: 'unique'`.
 *
 * @throws ERR_CONFIG for a definition without a name and without a `label`
 */
export function useService<Definition extends ServiceDefinition>(
  definition: Definition,
  options: UseServiceOptions = {},
): ServiceOf<Definition> {
  const { timeoutMs = defaultTimeoutMs } = options
  const used = createUsedService(definition, options)
  const { afterAll, beforeAll, beforeEach } = runner()
  beforeAll(() => presenting(() => used.setUp()), timeoutMs + hookMarginMs)
  // As in fixtures, Vitest wants what is used to be named here, where tests have fixtures.
  beforeEach(({ task, onTestFailed, onTestFinished }) =>
    presenting(() => used.reset(recordOf({ task, onTestFailed, onTestFinished }))),
  )
  afterAll(() => presenting(() => used.cleanUp()), timeoutMs + hookMarginMs)
  return used.service as ServiceOf<Definition>
}
