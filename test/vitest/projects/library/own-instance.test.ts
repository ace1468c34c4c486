import { useService } from 'test-services/vitest'
import { expect, test } from 'vitest'
import { config } from './test.ts'

const shared = useService(config.services.library)
const own = useService(config.services.library, { instance: 'unique' })

test('restarts', async () => {
  process.kill(own.pid ?? 0, 'SIGKILL')
  await expect(own.check()).rejects.toMatchObject({ code: 'ERR_SERVICE_DIED' })
  await own.cleanUp()
  await own.setUp()
  await own.check()
})

test('left the shared one alone', async () => {
  expect(shared.serviceConfig.instanceId).not.toBe(own.serviceConfig.instanceId)
  process.kill(own.pid ?? 0, 'SIGKILL')
})

test('finds it dead', () => {})
