import { Client } from 'memjs'
import type { MemcachedConfig } from '../../fixtures/memcached/index.ts'
import { useCleanState } from '../support/left-nothing.ts'
import { installedTesting, installedUrl, register, withoutTenants } from './register.ts'

useCleanState()

const { fixtureContract } = await installedTesting()
const fixture = installedUrl('fixtures/memcached')
const { memcached }: typeof import('../../fixtures/memcached/index.ts') = await import(fixture)

interface Server {
  readonly serviceConfig: MemcachedConfig
}

/** Returns a hook that asks over a connection of its own. */
function asking<T>(ask: (client: Client) => Promise<T>): (server: Server) => Promise<T> {
  return async ({ serviceConfig: { host, port } }) => {
    const client = Client.create(`${host}:${port}`, { retries: 0 })
    return ask(client).finally(() => client.close())
  }
}

const write = asking((client) => client.set('key', 'value', {}))
const read = asking(async (client) => (await client.get('key')).value?.toString())

register(
  fixtureContract(memcached(), {
    module: { url: fixture, name: 'memcached' },
    write,
    read,
    dirt: { 'a value': write },
    isPristine: async (service) => (await read(service)) === undefined,
  }),
  withoutTenants,
)
