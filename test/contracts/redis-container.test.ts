import { expect, test } from 'vitest'
import type { RedisConfig } from '../../fixtures/redis/index.ts'
import type { ServiceDefinition } from '../../src/fixture.ts'
import { caught } from '../support/caught.ts'
import { useTestEngine } from '../support/container-engine.ts'
import { eventually } from '../support/eventually.ts'
import { useCleanState } from '../support/left-nothing.ts'
import { keys, set, tenants } from './redis-hooks.ts'
import { installedTesting, installedUrl, makeDefinitions, register } from './register.ts'

useCleanState()
const image = 'localhost/redis:7'
const engine = useTestEngine({ [image]: { programs: ['/usr/bin/redis-server'] } })

const { fixtureContract } = await installedTesting()
const { redis }: typeof import('../../fixtures/redis/index.ts') = await import(installedUrl('fixtures/redis'))
const { url, empty } = await makeDefinitions<ServiceDefinition<RedisConfig>>('redis', { image })

register(
  fixtureContract(empty(), {
    module: { url, name: 'empty' },
    write: set,
    read: keys,
    tenants,
    dirt: { 'a key': set },
    isPristine: async (service) => (await keys(service)).length === 0,
  }),
)

test('names the program that its image lacks', async () => {
  engine.makeImage('localhost/without:1', { programs: ['/bin/sh'] })
  const error = await caught(redis({ image: 'localhost/without:1' }).create({ label: 'REDIS' }).setUp())
  expect(error).toMatchObject({ code: 'ERR_CONTAINER' })
  expect(error.message).toMatch(/^REDIS cannot be started: .*"redis-server".*; the image is localhost\/without:1/s)
})

test('leaves no container', async () => {
  await eventually('the containers are gone', async () => (await engine.containers()).length === 0)
  expect(await engine.containers()).toEqual([])
})
