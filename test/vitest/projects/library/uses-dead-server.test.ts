import { test } from './test.ts'

test('uses it too', ({ library: _ }) => {})
