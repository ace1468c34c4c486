import { test } from 'vitest'

test(`port ${new URL(process.env.LP_CACHE_URL ?? '').port}`, () => {})
