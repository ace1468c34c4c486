import { describeValue } from '../../config/describe-value.ts'
import { ConfigError, StateError } from '../../kernel/errors.ts'
import { isServiceDefinition, type ServiceDefinition, type ServiceOf } from '../../service/definition.ts'
import { defaultTimeoutMs } from '../../service/set-up-options.ts'
import { whereToUse } from '../client/advice.ts'
import { isInTest, runner } from '../client/runner.ts'
import { withPresentableErrors } from '../slot/presentable.ts'
import { hookMarginMs } from './hook-timeout.ts'
import { recordOf } from './test-record.ts'
import { explainUnhandled } from './unhandled-errors.ts'
import type { UseServiceOptions } from './use-service-options.ts'
import { createUsedService } from './used-service.ts'

/**
 * Returns a service for the tests of this file, or of the `describe` around the call: up before the first test, reset
 * before each test. `process.env` has its variables. When a test fails, the log lines that the service wrote during the
 * test follow the test's error.
 *
 * A service of a config is the worker's service: every `useService` and the fixture give the same service. With
 * `instance: 'unique'`, or without a config, the service is for this call alone, and is cleaned up after the last test.
 *
 * @throws ERR_CONFIG for a value that is no definition, and for a definition with neither a name nor a `label`;
 * ERR_STATE in a test
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
  beforeAll(
    () =>
      withPresentableErrors(async () => {
        await used.setUp()
        // A snapshot in a hook may end connections before the first test.
        explainUnhandled(used.service)
      }),
    timeoutMs + hookMarginMs,
  )
  // Vitest reads from this parameter which fixtures the hook needs, so the fixtures' names must be destructured here.
  beforeEach(
    ({ task, onTestFinished }) =>
      withPresentableErrors(async () => {
        const record = recordOf({ task, onTestFinished })
        if (record.isConcurrent) throw sharedInConcurrent(used.service.label)
        await used.reset(record)
      }),
    timeoutMs + hookMarginMs,
  )
  afterAll(() => withPresentableErrors(() => used.cleanUp()), timeoutMs + hookMarginMs)
  return used.service as ServiceOf<Definition>
}

function sharedInConcurrent(label: string): StateError {
  return new StateError(
    `useService() of ${label} is one service for all tests of a file, and this test runs at the same time as others: ` +
      'use the fixture, which gives each such test its own: base.extend(serviceFixtures(config))',
  )
}

/**
 * Refuses a value that is no definition. Not all tests are type-checked: a name that the config does not have gives
 * `undefined`.
 */
function requireDefinition(value: unknown): void {
  if (isServiceDefinition(value)) return
  throw new ConfigError(
    `useService(): expected a service such as config.services.db, or postgres(), but got ${describeValue(value)}`,
  )
}
