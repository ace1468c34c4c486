import { expect, test } from 'vitest'

test('adds wrongly', () => expect(1 + 1).toBe(3))
