import { expect, test } from 'vitest'
import { findFixture, loadFixture, type NamedFixture } from '../../src/config/fixtures.ts'
import { bundledFixtures } from '../../src/kernel/package-modules.ts'

test.each(bundledFixtures)('the name %s leads to a definition with default options', async (name) => {
  const { create } = await loadFixture(findFixture(name, '/') as NamedFixture)
  expect(create({ label: 'SERVICE' }).label).toBe('SERVICE')
})
