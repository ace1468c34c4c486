import { describe, expect, test } from 'vitest'
import { parseDuration } from '../../src/kernel/duration.ts'

describe('parseDuration', () => {
  test.each([
    ['90', 90_000],
    ['15m', 900_000],
    ['1h 30m', 5_400_000],
    ['2d', 172_800_000],
    ['0.5h', 1_800_000],
    ['*2 10m', 1_200_000],
    ['10m *1.5', 900_000],
  ])('reads %s', (text, ms) => {
    expect(parseDuration(text)).toBe(ms)
  })

  test.each(['', 'm', '-5m', '5 minutes', '5w', '*2', '1e3', '5m,'])('refuses "%s"', (text) => {
    expect(parseDuration(text)).toBeUndefined()
  })
})
