import { useService } from 'test-services/vitest'
import { test } from 'vitest'
import { post } from './post.mjs'
import config from './test-services.config.mjs'

const api = useService(config.services.api, { instance: 'unique' })

for (let count = 0; count < 10; count++) test(`request ${count}`, async () => post(api.serviceConfig))
