import { expect } from 'vitest'
import { test } from './test.ts'

test('has a new one too', async ({ api }) => expect((await fetch(api.serviceConfig.url)).status).toBe(200))
