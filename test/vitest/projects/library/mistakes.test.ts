import { serviceFixtures, useService } from 'test-services/vitest'
import { describe, expect, test } from 'vitest'
import { config } from './test.ts'

const advice = 'call useService() at the top of a file or in a describe, and read serviceConfig inside a test or a hook'

/** Untyped, as a test in JavaScript sees it. */
// biome-ignore lint/suspicious/noExplicitAny: the mistakes are those that types would prevent
const untyped: { use: any; fixtures: any; services: any } = {
  use: useService,
  fixtures: serviceFixtures,
  services: config.services,
}

function thrownBy(work: () => unknown): string | undefined {
  try {
    work()
    return undefined
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    return `${code}: ${message}`
  }
}

const library = useService(config.services.library)
const own = useService(config.services.library, { instance: 'unique' })
const tooEarly = thrownBy(() => own.serviceConfig)
const inTime = library.serviceConfig.url

test('at import', () => {
  expect(tooEarly).toBe(`ERR_STATE: LIBRARY has no config while it is down: ${advice}`)
  expect(inTime).toBe(library.serviceConfig.url)
})

test('in a test', () => {
  const thrown = thrownBy(() => useService(config.services.library))
  expect(thrown).toBe(`ERR_STATE: useService() in a test is too late: ${advice}`)
})

describe('in a describe', () => {
  const thrown = [
    () => untyped.use(undefined),
    () => untyped.use(untyped.services.libary),
    () => untyped.use(config),
    () => useService(config.services.library, { label: 'own' }),
    () => useService(config.services.library, { network: true }),
    () => untyped.fixtures(undefined),
    () => untyped.fixtures({}),
  ].map(thrownBy)

  test('of arguments', () => {
    expect(thrown).toEqual([
      'ERR_CONFIG: useService(): expected a service such as config.services.db, or postgres(), but got undefined',
      'ERR_CONFIG: useService(): expected a service such as config.services.db, or postgres(), but got undefined',
      expect.stringMatching(/^ERR_CONFIG: useService.*but got {"services":/),
      'ERR_CONFIG: useService(…, { label }): "own" is no label: expected capitals, digits and "_", such as MAIN_DB',
      "ERR_CONFIG: useService(…, { network: true }) is for an instance of its own: add instance: 'unique'",
      'ERR_CONFIG: the config of serviceFixtures(): expected an object, but got undefined',
      'ERR_CONFIG: the config of serviceFixtures().services: missing',
    ])
  })
})
