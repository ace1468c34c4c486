import { Etcd3 } from 'etcd3'
import type { EtcdClusterService } from '../../fixtures/etcd-cluster/index.ts'
import { useCleanState } from '../support/left-nothing.ts'
import { installedTesting, installedUrl, register, withoutProcess, withoutTenants } from './register.ts'

useCleanState()

const { fixtureContract } = await installedTesting()
const fixture = installedUrl('fixtures/etcd-cluster')
const { etcdCluster }: typeof import('../../fixtures/etcd-cluster/index.ts') = await import(fixture)

/** Returns a hook that uses a client of its own. */
function using<T>(use: (client: Etcd3) => Promise<T>): (service: EtcdClusterService) => Promise<T> {
  return async ({ serviceConfig: { urls, user: username, password } }) => {
    const client = new Etcd3({ hosts: [...urls], auth: { username, password } })
    return use(client).finally(() => client.close())
  }
}

const read = using(async (client) => client.getAll().strings())

/** Whether there are no keys and leases, and only the user root and its role. */
const isEmpty = using(async (client) => {
  const [keys, { leases }, users, roles] = await Promise.all([
    client.getAll().keys(),
    client.leaseClient.leaseLeases(),
    client.getUsers(),
    client.getRoles(),
  ])
  return [...keys, ...leases].length === 0 && [...users, ...roles].every(({ name }) => name === 'root')
})

/** Whether all nodes answer. The client would wait for 1 s before it asks a node again that was stopped. */
async function areHealthy({ serviceConfig: { urls } }: EtcdClusterService): Promise<boolean> {
  const answers = await Promise.allSettled(urls.map((url) => fetch(`${url}/health`)))
  return answers.every((answer) => answer.status === 'fulfilled' && answer.value.ok)
}

register(
  fixtureContract(etcdCluster(), {
    module: { url: fixture, name: 'etcdCluster' },
    hasProcess: false,
    write: using(async (client) => client.put('written').value('value')),
    read,
    dirt: {
      keys: using(async (client) => {
        const puts = Array.from({ length: 100 }, (_, index) => client.put(`key ${index}`).value('value'))
        await client
          .if('absent', 'Create', '==', 0)
          .then(...puts)
          .commit()
      }),
      'a lease without a key': using(async (client) => client.lease(60, { autoKeepAlive: false }).grant()),
      'a lock': using(async (client) => client.lock('lock').ttl(60).acquire()),
      'a user with a role': using(async (client) => {
        const role = await client.role('reader').create()
        const user = await client.user('ada').create('a password')
        await user.addRole(role)
      }),
      'a stopped node': (service) => service.stopNode(1),
    },
    isPristine: async (service) => (await areHealthy(service)) && (await isEmpty(service)),
  }),
  [...withoutTenants, ...withoutProcess],
)
