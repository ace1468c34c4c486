import { expect, test } from 'vitest'

test('is seeded', () => expect(process.env.SEEDED).toBe('beside its config'))
