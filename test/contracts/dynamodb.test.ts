import {
  CreateTableCommand,
  DynamoDBClient,
  ListTablesCommand,
  PutItemCommand,
  ScanCommand,
} from '@aws-sdk/client-dynamodb'
import type { DynamodbConfig } from '../../fixtures/dynamodb/index.ts'
import { useCleanState } from '../support/left-nothing.ts'
import { installedTesting, installedUrl, register } from './register.ts'

useCleanState()

const { fixtureContract } = await installedTesting()
const fixture = installedUrl('fixtures/dynamodb')
const { dynamodb }: typeof import('../../fixtures/dynamodb/index.ts') = await import(fixture)

interface Server {
  readonly serviceConfig: DynamodbConfig
}

async function using<T>({ serviceConfig }: Server, use: (client: DynamoDBClient) => Promise<T>): Promise<T> {
  const { endpoint, region, accessKeyId, secretAccessKey } = serviceConfig
  const client = new DynamoDBClient({ endpoint, region, credentials: { accessKeyId, secretAccessKey }, maxAttempts: 1 })
  return use(client).finally(() => client.destroy())
}

const makeTable = (service: Server, name = 'written') =>
  using(service, (client) =>
    client.send(
      new CreateTableCommand({
        TableName: name,
        AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
        KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
        BillingMode: 'PAY_PER_REQUEST',
      }),
    ),
  )

const tables = (service: Server) =>
  using(service, async (client) => (await client.send(new ListTablesCommand({}))).TableNames ?? [])

async function fill(service: Server): Promise<void> {
  await makeTable(service, 'items')
  await using(service, async (client) => {
    for (let index = 0; index < 50; index++)
      await client.send(new PutItemCommand({ TableName: 'items', Item: { id: { S: `${index}` } } }))
    await client.send(new ScanCommand({ TableName: 'items' }))
  })
}

async function accounts({ serviceConfig: { url, accessKeyId, secretAccessKey } }: Server): Promise<string[]> {
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
