import { expect, test as plain } from 'vitest'
import { crash } from './crash.ts'
import { test } from './test.ts'

test('crashes it', async ({ api }) => crash(api.serviceConfig.url))

test('has a new one', async ({ api }) => expect((await fetch(api.serviceConfig.url)).status).toBe(200))

plain('crashes it without a fixture', async () => crash(process.env.LP_API_URL))

plain('does not use it', () => {})
