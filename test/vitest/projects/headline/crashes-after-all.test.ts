import { afterAll } from 'vitest'
import { crash } from './crash.ts'
import { test } from './test.ts'

test('uses it', ({ api: _ }) => {})

afterAll(() => crash(process.env.LP_API_URL))
