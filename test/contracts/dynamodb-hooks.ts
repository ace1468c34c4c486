import {
  CreateTableCommand,
  DynamoDBClient,
  ListTablesCommand,
  PutItemCommand,
  ScanCommand,
} from '@aws-sdk/client-dynamodb'
import type { DynamodbConfig } from '../../fixtures/dynamodb/index.ts'
import { usingClient } from './aws-hooks.ts'

export interface DynamodbServer {
  readonly serviceConfig: DynamodbConfig
}

const using = usingClient(DynamoDBClient)

export const makeTable = (service: DynamodbServer, name = 'written') =>
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

export const tables = (service: DynamodbServer) =>
  using(service, async (client) => (await client.send(new ListTablesCommand({}))).TableNames ?? [])

export async function fill(service: DynamodbServer): Promise<void> {
  await makeTable(service, 'items')
  await using(service, async (client) => {
    for (let index = 0; index < 50; index++)
      await client.send(new PutItemCommand({ TableName: 'items', Item: { id: { S: `${index}` } } }))
    await client.send(new ScanCommand({ TableName: 'items' }))
  })
}
