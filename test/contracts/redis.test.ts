import { Redis } from 'ioredis'
import type { RedisConfig } from '../../fixtures/redis/index.ts'
import type { ExternalService } from '../../src/fixture.ts'
import { useCleanState } from '../support/left-nothing.ts'
import { installedTesting, installedUrl, register } from './register.ts'

useCleanState()

const { fixtureContract } = await installedTesting()
const fixture = installedUrl('fixtures/redis')
const { redis }: typeof import('../../fixtures/redis/index.ts') = await import(fixture)

type Service = ExternalService<RedisConfig>

/** Uses a client that the test ends. */
async function using<T>({ serviceConfig }: Service, use: (client: Redis) => Promise<T>): Promise<T> {
  const client = new Redis(serviceConfig.url, { lazyConnect: true, maxRetriesPerRequest: 0, retryStrategy: () => null })
  client.on('error', () => {})
  try {
    await client.connect()
    return await use(client)
  } finally {
    client.disconnect()
  }
}

const keys = (service: Service): Promise<string[]> => using(service, async (client) => (await client.keys('*')).sort())

register(
  fixtureContract(redis(), {
    module: { url: fixture, name: 'redis' },
    write: (service) => using(service, (client) => client.set('written', 'value')),
    read: keys,
    tenants: (service) =>
      using(service, async (client) =>
        ((await client.call('ACL', 'USERS')) as string[]).filter((user) => user !== 'default'),
      ),
    dirt: {
      'a key': (service) => using(service, (client) => client.set('key', 'value')),
      'many keys': (service) =>
        using(service, (client) =>
          client.mset(Array.from({ length: 1_000 }, (_, index) => [`key ${index}`, 'x']).flat()),
        ),
      'a list, a hash and a stream': (service) =>
        using(service, async (client) => {
          await client.rpush('list', 'one', 'two')
          await client.hset('hash', { field: 'value' })
          await client.xadd('stream', '*', 'field', 'value')
        }),
    },
    isPristine: async (service) => (await keys(service)).length === 0,
  }),
)
