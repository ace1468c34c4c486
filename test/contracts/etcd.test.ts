import { Etcd3 } from 'etcd3'
import type { EtcdConfig } from '../../fixtures/etcd/index.ts'
import type { ExternalService } from '../../src/fixture.ts'
import { useCleanState } from '../support/left-nothing.ts'
import { installedTesting, installedUrl, register } from './register.ts'

useCleanState()

const { fixtureContract } = await installedTesting()
const fixture = installedUrl('fixtures/etcd')
const { etcd }: typeof import('../../fixtures/etcd/index.ts') = await import(fixture)

type Service = ExternalService<EtcdConfig>

/** Returns a hook that uses a client of its own. */
function using<T>(use: (client: Etcd3, prefix: string) => Promise<T>): (service: Service) => Promise<T> {
  return async ({ serviceConfig: { url, user: username, password, prefix } }) => {
    const client = new Etcd3({ hosts: url, auth: { username, password } })
    return use(client, prefix).finally(() => client.close())
  }
}

/** Keys of the client. The holder is the user root, who also sees the keys of tenants. */
const read = using(async (client, prefix) => {
  const { kvs } = await client.getAll().prefix(prefix).exec()
  const pairs = kvs.map(({ key, value }) => [String(key), String(value)] as const)
  return prefix === '' ? pairs.filter(([key]) => !key.startsWith('/tenants/')) : pairs
})
const leases = using(async (client) => (await client.leaseClient.leaseLeases()).leases)
const tenants = using(async (client) => client.getAll().prefix('/tenants/.used/').keys())

register(
  fixtureContract(etcd(), {
    module: { url: fixture, name: 'etcd' },
    write: using(async (client, prefix) => client.put(`${prefix}written`).value('value')),
    read,
    tenants,
    dirt: {
      'a key': using(async (client, prefix) => client.put(`${prefix}key`).value('value')),
      'many keys': using(async (client, prefix) => {
        for (let done = 0; done < 1_000; done += 100) {
          const keys = Array.from({ length: 100 }, (_, index) => `${prefix}key ${done + index}`)
          await client
            .if(`${prefix}absent`, 'Create', '==', 0)
            .then(...keys.map((key) => client.put(key).value('value')))
            .commit()
        }
      }),
      'a lease with keys': using(async (client, prefix) => {
        const lease = client.lease(60, { autoKeepAlive: false })
        await lease.put(`${prefix}leased`).value('value')
        await lease.put(`${prefix}leased too`).value('value')
      }),
      'a lock': using(async (client, prefix) => client.namespace(prefix).lock('lock').ttl(60).acquire()),
    },
    isPristine: async (service) => (await read(service)).length + (await leases(service)).length === 0,
  }),
)
