import { useCleanState } from '../support/left-nothing.ts'
import { asking, keys, set, tenants } from './redis-hooks.ts'
import { installedTesting, installedUrl, register } from './register.ts'

useCleanState()

const { fixtureContract } = await installedTesting()
const fixture = installedUrl('fixtures/redis')
const { redis }: typeof import('../../fixtures/redis/index.ts') = await import(fixture)

register(
  fixtureContract(redis(), {
    module: { url: fixture, name: 'redis' },
    write: set,
    read: keys,
    tenants,
    dirt: {
      'a key': asking((client) => client.set('other', 'value')),
      'many keys': asking((client) =>
        client.mset(Array.from({ length: 1_000 }, (_, index) => [`key ${index}`, 'x']).flat()),
      ),
      'a list, a hash and a stream': asking(async (client) => {
        await client.rpush('list', 'one', 'two')
        await client.hset('hash', { field: 'value' })
        await client.xadd('stream', '*', 'field', 'value')
      }),
    },
    isPristine: async (service) => (await keys(service)).length === 0,
  }),
)
