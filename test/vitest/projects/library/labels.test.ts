import { useService } from 'test-services/vitest'
import { describe, expect, test } from 'vitest'
import { config } from './test.ts'

const shared = process.env.LIBRARY_URL

function expectNamed(library: { serviceConfig: { url: string } }): void {
  expect(process.env.LIBRARY_URL).toBe(library.serviceConfig.url)
  expect(process.env.LP_LIBRARY_URL).toBe(library.serviceConfig.url)
}

describe('outside', () => {
  const outer = useService(config.services.library)

  test('has one', () => expectNamed(outer))

  describe('inside', () => {
    const inner = useService(config.services.library)

    test('has the same slot', () => {
      expectNamed(inner)
      expect(inner).toBe(outer)
      expect(inner.serviceConfig.url).toBe(shared)
    })
  })

  describe('beside', () => {
    const other = useService(config.services.library, { label: 'OTHER' })

    test('has another, of another name', () => {
      expectNamed(outer)
      expect(process.env.LP_OTHER_URL).toBe(other.serviceConfig.url)
      expect(other.serviceConfig.url).not.toBe(outer.serviceConfig.url)
    })
  })

  describe('with its own', () => {
    const own = useService(config.services.library, { instance: 'unique' })

    test('has a process', () => expectNamed(own))

    test('sets it up anew', async () => {
      await own.cleanUp()
      await own.setUp()
    })

    test('has the new one', () => expectNamed(own))
  })

  test('has the first one again', () => expectNamed(outer))
})

test('has that of the worker', () => {
  expect(process.env.LIBRARY_URL).toBe(shared)
  expect(process.env.LP_LIBRARY_URL).toBe(shared)
})
