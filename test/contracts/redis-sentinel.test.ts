import { Redis } from 'ioredis'
import type { RedisSentinelService } from '../../fixtures/redis-sentinel/index.ts'
import { useCleanState } from '../support/left-nothing.ts'
import { areEmpty } from '../support/redis-nodes.ts'
import { installedTesting, installedUrl, register, withoutProcess, withoutTenants } from './register.ts'

useCleanState()

const { fixtureContract } = await installedTesting()
const fixture = installedUrl('fixtures/redis-sentinel')
const { redisSentinel }: typeof import('../../fixtures/redis-sentinel/index.ts') = await import(fixture)

/** Uses a client that the test ends. */
async function using<T>({ serviceConfig }: RedisSentinelService, use: (client: Redis) => Promise<T>): Promise<T> {
  const { sentinels, name, password } = serviceConfig
  const client = new Redis({ sentinels: [...sentinels], name, password, sentinelPassword: password })
  client.on('error', () => {})
  return use(client).finally(() => client.disconnect())
}

/** The master and the replica. */
const servers = 2

register(
  fixtureContract(redisSentinel(), {
    module: { url: fixture, name: 'redisSentinel' },
    hasProcess: false,
    write: (service) => using(service, (client) => client.set('written', 'value')),
    read: (service) => using(service, (client) => client.dbsize()),
    dirt: {
      'a key': (service) => using(service, (client) => client.set('key', 'value')),
      'a stopped master': (service) => service.stopNode(0),
    },
    isPristine: (service) => areEmpty(service, servers),
  }),
  [...withoutTenants, ...withoutProcess],
)
