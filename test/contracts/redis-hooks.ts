import type { Redis } from 'ioredis'
import type { RedisConfig } from '../../fixtures/redis/index.ts'
import { useClient } from '../support/redis-client.ts'

interface Service {
  readonly serviceConfig: Pick<RedisConfig, 'url'>
}

/** Returns a hook that asks over a connection of its own. */
export function asking<T>(ask: (client: Redis) => Promise<T>): (service: Service) => Promise<T> {
  return ({ serviceConfig }) => useClient(serviceConfig.url, ask)
}

export const set = asking((client) => client.set('key', 'value'))
export const keys = asking(async (client) => (await client.keys('*')).sort())
export const tenants = asking(async (client) => {
  const users = (await client.call('ACL', 'USERS')) as string[]
  return users.filter((user) => user !== 'default')
})
