import { useService } from 'test-services/vitest'
import { describe, expect, test as plain } from 'vitest'
import { add, ask, count } from '../support.ts'
import { config, test } from './test.ts'

describe('inside', () => {
  const api = useService(config.services.api, { instance: 'unique' })

  plain('is told', async () => {
    const url = await ask(api)
    expect(process.env.LP_LIBRARY_URL).toBe(url)
    await add({ serviceConfig: { url } }, 'one')
  })

  test('finds it reset, in a fixture', async ({ library }) => {
    expect(library.serviceConfig.url).toBe(await ask(api))
    expect(await count(library)).toBe(0)
  })
})
