import { rmSync } from 'node:fs'
import { delimiter } from 'node:path'
import { afterAll } from 'vitest'
import { useCleanState } from '../support/left-nothing.ts'
import { makeValkeyDirectory } from '../support/valkey-directory.ts'
import { keys, set, tenants } from './redis-hooks.ts'
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

register(
  fixtureContract(valkey(), {
    module: { url: fixture, name: 'valkey' },
    write: set,
    read: keys,
    tenants,
    dirt: { 'a key': set },
    isPristine: async (service) => (await keys(service)).length === 0,
  }),
)
