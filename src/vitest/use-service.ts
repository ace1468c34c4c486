import { describeValue } from '../config/describe-value.ts'
import { ConfigError, StateError } from '../kernel/errors.ts'
import { isServiceDefinition, type ServiceDefinition, type ServiceOf } from '../service/definition.ts'
import { defaultTimeoutMs } from '../service/set-up-options.ts'
import { whereToUse } from './advice.ts'
import { presenting } from './presentable.ts'
import { isInTest, runner } from './runner.ts'
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
 * @throws ERR_CONFIG for what is no definition, and for one without a name and without a `label`; ERR_STATE in a test
 */
export function useService<Definition extends ServiceDefinition>(
  definition: Definition,
  options: UseServiceOptions = {},
): ServiceOf<Definition> {
  const { timeoutMs = defaultTimeoutMs } = options
  if (isInTest()) throw new StateError(`useService() in a test is too late: ${whereToUse}`)
  requireDefinition(definition)
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

/** Of a name that the config does not have there is none, and not all tests are compiled with types. */
function requireDefinition(value: unknown): void {
  if (isServiceDefinition(value)) return
  throw new ConfigError(
    `useService(): expected a service such as config.services.db, or postgres(), but got ${describeValue(value)}`,
  )
}
