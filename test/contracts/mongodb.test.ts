import { mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { MongoClient } from 'mongodb'
import { afterAll } from 'vitest'
import type { MongodbConfig } from '../../fixtures/mongodb/index.ts'
import type { ExternalService } from '../../src/fixture.ts'
import { useCleanState } from '../support/left-nothing.ts'
import { installedTesting, installedUrl, register } from './register.ts'

useCleanState()

/** MongoDB cannot be installed here: a program of ours plays the server. */
const { PATH = '' } = process.env
const directory = mkdtempSync(join(tmpdir(), 'ts-mongod-'))
symlinkSync(join(import.meta.dirname, '../programs/plays-mongod.mjs'), join(directory, 'mongod'))
process.env.PATH = [PATH, directory].join(delimiter)
afterAll(() => {
  process.env.PATH = PATH
  rmSync(directory, { recursive: true })
})

const { fixtureContract } = await installedTesting()
const fixture = installedUrl('fixtures/mongodb')
const { mongodb }: typeof import('../../fixtures/mongodb/index.ts') = await import(fixture)

/** Returns a hook that asks over a connection of its own. */
function asking<T>(ask: (client: MongoClient) => Promise<T>): (service: ExternalService<MongodbConfig>) => Promise<T> {
  return async ({ serviceConfig }) => {
    const client = await MongoClient.connect(serviceConfig.url)
    return ask(client).finally(() => client.close(true))
  }
}

const insert = asking((client) => client.db().collection('people').insertOne({ name: 'Ada' }))
const count = asking(async (client) => (await client.db().collection('people').find().toArray()).length)

register(
  fixtureContract(mongodb(), {
    module: { url: fixture, name: 'mongodb' },
    write: insert,
    read: count,
    tenants: asking(async (client) => {
      const { users } = await client.db('admin').command({ usersInfo: 1 })
      return users.map(({ user }: { user: string }) => user).filter((user: string) => user !== 'admin.root')
    }),
    dirt: { 'a document': insert },
    isPristine: async (service) => (await count(service)) === 0,
  }),
)
