import { command } from 'test-services'
import { librarian } from 'test-services/fixtures/librarian'
import { useService } from 'test-services/vitest'
import { describe, expect, test } from 'vitest'
import { ask } from '../support.ts'

const api = command({
  command: ['node', '../answers-library.js'],
  needs: ['library'],
  environment: ({ library }) => ({ LIBRARY: library.url }),
})

describe('told', () => {
  const library = useService(librarian(), { label: 'BOOKS' })
  const service = useService(api, { label: 'API', needs: { library } })

  test('is told', async () => expect(await ask(service)).toBe(library.serviceConfig.url))
})

describe('untold', () => {
  useService(api, { label: 'API' })

  test('does not run', () => {})
})

describe('nameless', () => {
  expect(() => useService(librarian())).toThrow('needs a label')

  test('needs a label', () => {})
})
