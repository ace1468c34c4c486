import { serviceFixtures } from 'test-services/vitest'
import { test as base } from 'vitest'
import { post } from './post.mjs'
import config from './test-services.config.mjs'

const test = base.extend(serviceFixtures(config))

for (let count = 0; count < 10; count++) test(`request ${count}`, async ({ api }) => post(api.serviceConfig))
