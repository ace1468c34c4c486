import { expect, test } from 'vitest'
import { randomName, randomPassword } from '../../src/host/secret.ts'

test('names have the asked length and are safe everywhere', () => {
  for (const length of [1, 8, 20, 100]) expect(randomName(length)).toMatch(new RegExp(`^[a-z0-9]{${length}}$`))
})

test('no two are equal', () => {
  const names = Array.from({ length: 10_000 }, () => randomPassword())
  expect(new Set(names).size).toBe(10_000)
})

test('every letter is about as frequent as every other', () => {
  const counts = new Map<string, number>()
  for (const letter of randomName(72_000)) counts.set(letter, (counts.get(letter) ?? 0) + 1)
  expect(counts.size).toBe(36)
  // 2,000 expected; the bounds are more than six standard deviations away.
  for (const count of counts.values()) expect(Math.abs(count - 2_000)).toBeLessThan(300)
})
