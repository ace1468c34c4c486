import { test as base, describe, expectTypeOf, test } from 'vitest'
import { defineConfig as defineVitestConfig } from 'vitest/config'
import { librarian } from '../../fixtures/librarian/index.ts'
import type { ExternalService } from '../../src/fixture.ts'
import { command, defineConfig } from '../../src/index.ts'
import { serviceFixtures, testServices, useService } from '../../src/vitest/index.ts'

const config = defineConfig({ services: { library: librarian(), api: command({ command: ['node'] }) } })

/** Checked by the compiler; nothing in here runs. */
function typed(): void {
  const extended = base.extend(serviceFixtures(config))
  extended('has the config types of the services', ({ library, api, task }) => {
    expectTypeOf(library.serviceConfig.storageDirectory).toEqualTypeOf<string>()
    expectTypeOf(api.serviceConfig.port).toEqualTypeOf<number>()
    expectTypeOf(task.name).toEqualTypeOf<string>()
    // @ts-expect-error there is no such key
    library.serviceConfig.nothing
  })
  extended.extend<{ seed: string }>({ seed: async ({ library }, use) => use(library.serviceConfig.url) })
  // @ts-expect-error there is no such service
  extended('knows no other', ({ other }) => other)
  expectTypeOf(useService(config.services.api)).toExtend<ExternalService<{ readonly port: number }>>()
  // @ts-expect-error neither shared nor unique
  useService(config.services.api, { instance: 'own' })
  defineVitestConfig({
    plugins: [testServices(), testServices({ config, services: ['api'], reset: 'each', timeoutMs: 1_000 })],
  })
}

describe('the types', () => {
  test('follow from the config', () => {
    expectTypeOf(typed).toBeFunction()
  })
})
