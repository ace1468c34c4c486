import { describeValue } from '../../config/describe-value.ts'
import { ConfigError, StateError } from '../../kernel/errors.ts'
import { isServiceDefinition, type ServiceDefinition, type ServiceOf } from '../../service/definition.ts'
import { defaultTimeoutMs } from '../../service/set-up-options.ts'
import { presenting } from '../slot/presentable.ts'
import { whereToUse } from './advice.ts'
import { hookMarginMs } from './hook-margin.ts'
import { isInTest, runner } from './runner.ts'
import { recordOf } from './test-record.ts'
import type { UseServiceOptions } from './use-service-options.ts'
import { createUsedService } from './used-service.ts'

/**
 * A service for the tests of this file, or of the `describe` that this is called in: up before the first, reset before
 * each. `process.env` names it. When a test fails, what the service wrote during it follows its error.
 *
 * A service that stands in a config is the one of the worker, which every `useService` and the fixture give. With
 * `instance: 'unique'`, and without a config, it is one for this call alone, cleaned up after the last test.
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
  // Vitest reads from this parameter which fixtures the hook needs: their names must be destructured here.
  beforeEach(
    ({ task, onTestFinished }) =>
      presenting(async () => {
        const record = recordOf({ task, onTestFinished })
        if (record.isConcurrent) throw sharedInConcurrent(used.service.label)
        await used.reset(record)
      }),
    timeoutMs + hookMarginMs,
  )
  afterAll(() => presenting(() => used.cleanUp()), timeoutMs + hookMarginMs)
  return used.service as ServiceOf<Definition>
}

function sharedInConcurrent(label: string): StateError {
  return new StateError(
    `useService() of ${label} is one service for all tests of a file, and this test runs at the same time as others: ` +
      'use the fixture, which gives each such test its own: base.extend(serviceFixtures(config))',
  )
}

/** Not all tests are compiled with types: a name that the config does not have gives `undefined`. */
function requireDefinition(value: unknown): void {
  if (isServiceDefinition(value)) return
  throw new ConfigError(
    `useService(): expected a service such as config.services.db, or postgres(), but got ${describeValue(value)}`,
  )
}
