import { expect, test } from 'vitest'
import { loadBundledFixture } from '../../src/config/bundled-fixtures.ts'
import { bundledFixtures } from '../../src/kernel/package-modules.ts'

test.each(bundledFixtures)('the name %s leads to a definition with default options', async (name) => {
  const { create } = await loadBundledFixture(name)
  expect(create({ label: 'SERVICE' }).label).toBe('SERVICE')
})
