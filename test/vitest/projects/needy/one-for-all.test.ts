import { useService } from 'test-services/vitest'
import { describe, expect, test as plain } from 'vitest'
import { add, ask, count } from '../support.ts'
import { config, test } from './test.ts'

interface Api {
  readonly serviceConfig: { readonly url: string }
}

async function expectAgreement(api: Api, library: Api): Promise<void> {
  expect(await ask(api)).toBe(library.serviceConfig.url)
  expect(process.env.LIBRARY_URL).toBe(library.serviceConfig.url)
  expect(process.env.LP_LIBRARY_URL).toBe(library.serviceConfig.url)
}

const useApi = () => useService(config.services.api, { instance: 'unique' })
const useLibrary = () => useService(config.services.library)

describe.each(['before', 'after'])('the library %s the api', (order) => {
  const early = order === 'before' ? useLibrary() : undefined
  const api = useApi()
  const library = early ?? useLibrary()

  plain('is told', async () => {
    await expectAgreement(api, library)
    await add(library, 'one')
  })

  plain('finds it reset', async () => {
    await expectAgreement(api, library)
    expect(await count(library)).toBe(0)
  })

  test('has that of the fixture', ({ library: given }) => expect(given).toBe(library))
})

describe('a process of its own', () => {
  const own = useService(config.services.library, { instance: 'unique' })
  const api = useApi()

  plain('is told of', async () => {
    await expectAgreement(api, own)
    expect(own.pid).toBeTypeOf('number')
    await add(own, 'one')
  })

  plain('finds it reset', async () => {
    await expectAgreement(api, own)
    expect(await count(own)).toBe(0)
  })
})
