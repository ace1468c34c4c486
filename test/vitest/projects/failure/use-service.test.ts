import { useService } from 'test-services/vitest'
import { test } from 'vitest'
import { say } from './say.ts'
import { config } from './test.ts'

const front = useService(config.services.front, { instance: 'unique' })

test('fails', async () => {
  await say(front, 'in front\n')
  await say({ serviceConfig: { url: process.env.LP_SERVER_URL ?? '' } }, 'behind\n')
  throw new Error('own')
})
