import { useCleanState } from '../support/left-nothing.ts'
import { type DynamodbServer, fill, makeTable, tables } from './dynamodb-hooks.ts'
import { installedTesting, installedUrl, register } from './register.ts'

useCleanState()

const { fixtureContract } = await installedTesting()
const fixture = installedUrl('fixtures/dynamodb')
const { dynamodb }: typeof import('../../fixtures/dynamodb/index.ts') = await import(fixture)

async function accounts({ serviceConfig: { url, accessKeyId, secretAccessKey } }: DynamodbServer): Promise<string[]> {
  const headers = { Authorization: `Basic ${btoa(`${accessKeyId}:${secretAccessKey}`)}` }
  const keys = (await (await fetch(`${url}/_test-services/accounts`, { headers })).json()) as string[]
  return keys.filter((key) => key !== accessKeyId)
}

register(
  fixtureContract(dynamodb(), {
    module: { url: fixture, name: 'dynamodb' },
    write: (service) => makeTable(service),
    read: tables,
    tenants: accounts,
    dirt: { 'a table': (service) => makeTable(service), 'a table with items': fill },
    isPristine: async (service) => (await tables(service)).length === 0,
  }),
)
