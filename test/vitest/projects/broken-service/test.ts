import { serviceFixtures } from 'test-services/vitest'
import { test as base } from 'vitest'
import config from './test-services.config.ts'

export const test = base.extend(serviceFixtures(config))

/** Sends a request that the service logs. */
export async function ask(url: string): Promise<void> {
  await fetch(url, { method: 'POST', body: 'asked by a test\n' })
}
