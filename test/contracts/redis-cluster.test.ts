import { Cluster } from 'ioredis'
import type { RedisClusterService } from '../../fixtures/redis-cluster/index.ts'
import { useCleanState } from '../support/left-nothing.ts'
import { areEmpty, askEachNode } from '../support/redis-nodes.ts'
import { installedTesting, installedUrl, register, withoutProcess, withoutTenants } from './register.ts'

useCleanState()

const { fixtureContract } = await installedTesting()
const fixture = installedUrl('fixtures/redis-cluster')
const { redisCluster }: typeof import('../../fixtures/redis-cluster/index.ts') = await import(fixture)

/** Uses a client that the test ends. */
async function using<T>({ serviceConfig }: RedisClusterService, use: (client: Cluster) => Promise<T>): Promise<T> {
  const { nodes, password } = serviceConfig
  const client = new Cluster([...nodes], { redisOptions: { password } })
  client.on('error', () => {})
  return use(client).finally(() => client.disconnect())
}

register(
  fixtureContract(redisCluster(), {
    module: { url: fixture, name: 'redisCluster' },
    hasProcess: false,
    write: (service) => using(service, (client) => client.set('written', 'value')),
    read: (service) => askEachNode(service, ['DBSIZE']),
    dirt: {
      'keys on each node': (service) =>
        using(service, (client) =>
          Promise.all(Array.from({ length: 100 }, (_, index) => client.set(`key ${index}`, 'value'))),
        ),
      'a stopped node': (service) => service.stopNode(1),
    },
    isPristine: (service) => areEmpty(service),
  }),
  [...withoutTenants, ...withoutProcess],
)
