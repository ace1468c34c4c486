import { expect, test } from 'vitest'

for (let count = 0; count < 10; count++) test(`request ${count}`, () => expect(count).toBeLessThan(10))
