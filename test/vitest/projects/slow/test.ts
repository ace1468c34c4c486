import { serviceFixtures } from 'test-services/vitest'
import { test as base } from 'vitest'
import config from './test-services.config.ts'

export const test = base.extend(serviceFixtures(config))
