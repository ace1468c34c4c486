import { expect, test } from 'vitest'

test('adds', () => expect(1 + 1).toBe(2))
test('has the service', () => expect(process.env.LP_REDIS_URL).toMatch(/^redis:/))
test('has the variable', () => expect(process.env.WORD).toBe('quince'))
