import { useService } from 'test-services/vitest'
import { expect } from 'vitest'
import { ask, test } from './test.ts'
import config from './test-services.config.ts'

const own = useService(config.services.web, { instance: 'unique' })

test('uses all', ({ web, api }) => {
  expect(api.serviceConfig.port).not.toBe(own.serviceConfig.port)
  expect(web.serviceConfig.port).not.toBe(own.serviceConfig.port)
})

test('fails', async ({ api }) => {
  await ask(api.serviceConfig.url)
  expect(1).toBe(2)
})
