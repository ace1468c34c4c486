import { useService } from 'test-services/vitest'
import { afterAll, describe, expect, test } from 'vitest'
import { add, count, tell } from '../support.ts'
import { config } from './test.ts'

let url: string

afterAll(() => tell({ slot: url }))

describe('inside', () => {
  const library = useService(config.services.library)

  test('has a slot', async () => {
    url = library.serviceConfig.url
    expect(url).toContain('/spaces/')
    expect(process.env.LP_LIBRARY_URL).toBe(url)
    expect(process.env.LIBRARY_URL).toBe(url)
    await add(library, 'one')
  })

  test('finds nothing', async () => expect(await count(library)).toBe(0))
})

test('is there outside', async () => {
  expect((await fetch(`${url}/files`)).status).toBe(200)
  expect(process.env.LIBRARY_URL).toBe(url)
})
