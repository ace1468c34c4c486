import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { Redis } from 'ioredis'
import { afterAll, expect, test } from 'vitest'
import type { RedisConfig } from '../../fixtures/redis/index.ts'
import type { ExternalService } from '../../src/fixture.ts'
import { useTestEngine } from '../support/container-engine.ts'
import { eventually } from '../support/eventually.ts'
import { useCleanState } from '../support/left-nothing.ts'
import { installedTesting, installedUrl, register } from './register.ts'

useCleanState()
const image = 'localhost/redis:7'
const engine = useTestEngine({ [image]: { programs: ['/usr/bin/redis-server'] } })

const { fixtureContract } = await installedTesting()
const fixture = installedUrl('fixtures/redis')
const { redis }: typeof import('../../fixtures/redis/index.ts') = await import(fixture)

const directory = mkdtempSync(join(tmpdir(), 'ts-image-'))
afterAll(() => rmSync(directory, { recursive: true }))
const module = join(directory, 'fixture.mjs')
writeFileSync(module, `import { redis } from '${fixture}'\nexport const server = redis({ image: '${image}' })\n`)

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
const set = (service: Service): Promise<unknown> => using(service, (client) => client.set('key', 'value'))

register(
  fixtureContract(redis({ image }), {
    module: { url: pathToFileURL(module), name: 'server' },
    write: set,
    read: keys,
    tenants: (service) =>
      using(service, async (client) =>
        ((await client.call('ACL', 'USERS')) as string[]).filter((user) => user !== 'default'),
      ),
    dirt: { 'a key': set },
    isPristine: async (service) => (await keys(service)).length === 0,
  }),
)

test('leaves no container', async () => {
  await eventually('the containers are gone', async () => (await engine.containers()).length === 0)
  expect(await engine.containers()).toEqual([])
})
