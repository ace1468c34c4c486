import { test } from './test.ts'

test('needs what is broken', ({ broken }) => void broken)
