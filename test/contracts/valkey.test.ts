import { rmSync } from 'node:fs'
import { delimiter } from 'node:path'
import { Redis } from 'ioredis'
import { afterAll } from 'vitest'
import type { ValkeyConfig } from '../../fixtures/valkey/index.ts'
import type { ExternalService } from '../../src/fixture.ts'
import { useCleanState } from '../support/left-nothing.ts'
import { makeValkeyDirectory } from '../support/valkey-directory.ts'
import { installedTesting, installedUrl, register } from './register.ts'

useCleanState()

const { PATH = '' } = process.env
const directory = makeValkeyDirectory()
process.env.PATH = [PATH, directory].join(delimiter)
afterAll(() => {
  process.env.PATH = PATH
  rmSync(directory, { recursive: true })
})

const { fixtureContract } = await installedTesting()
const fixture = installedUrl('fixtures/valkey')
const { valkey }: typeof import('../../fixtures/valkey/index.ts') = await import(fixture)

/** Returns a hook that asks over a connection of its own. */
function asking<T>(ask: (client: Redis) => Promise<T>): (service: ExternalService<ValkeyConfig>) => Promise<T> {
  return async ({ serviceConfig }) => {
    const client = new Redis(serviceConfig.url, { lazyConnect: true, retryStrategy: () => null })
    client.on('error', () => {})
    return client
      .connect()
      .then(() => ask(client))
      .finally(() => client.disconnect())
  }
}

const keys = asking((client) => client.keys('*'))

register(
  fixtureContract(valkey(), {
    module: { url: fixture, name: 'valkey' },
    write: asking((client) => client.set('written', 'value')),
    read: keys,
    tenants: asking(async (client) =>
      ((await client.call('ACL', 'USERS')) as string[]).filter((user) => user !== 'default'),
    ),
    dirt: { 'a key': asking((client) => client.set('key', 'value')) },
    isPristine: async (service) => (await keys(service)).length === 0,
  }),
)
