import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import type { DynamodbConfig } from '../../fixtures/dynamodb/index.ts'
import type { ServiceDefinition } from '../../src/fixture.ts'
import { useTestEngine } from '../support/container-engine.ts'
import { eventually } from '../support/eventually.ts'
import { useCleanState } from '../support/left-nothing.ts'
import { fill, makeTable, tables } from './dynamodb-hooks.ts'
import { installedTesting, makeDefinitions, register } from './register.ts'

useCleanState()

// No image of a public server can be pulled here: this one contains dynalite, with a database for each access key.
const image = 'localhost/dynamodb-local:2'
const entry = fileURLToPath(new URL('../programs/plays-dynamodb-local.mjs', import.meta.url))
const modules = fileURLToPath(new URL('../../node_modules', import.meta.url))
const engine = useTestEngine({
  [image]: {
    programs: [process.execPath],
    files: [entry, ...packagesOf('dynalite')],
    moved: { [process.execPath]: '/bin/node' },
    changes: [`ENTRYPOINT ["/bin/node", "${entry}"]`, 'EXPOSE 8000'],
  },
})

const { fixtureContract } = await installedTesting()

/** Returns the directories of a package and of all packages that it needs. */
function packagesOf(name: string, found = new Set<string>()): string[] {
  const directory = join(modules, name)
  if (found.has(directory)) return []
  found.add(directory)
  const { dependencies = {} } = JSON.parse(readFileSync(join(directory, 'package.json'), 'utf8'))
  for (const needed of Object.keys(dependencies)) packagesOf(needed, found)
  return [...found]
}

const people = {
  TableName: 'people',
  AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
  KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
  BillingMode: 'PAY_PER_REQUEST',
}
const options = { image, tables: [{ table: people, items: [{ id: { S: 'Ada' } }] }] }
const { url, empty } = await makeDefinitions<ServiceDefinition<DynamodbConfig>>('dynamodb', options)

/** Access keys of all clients with tables, but for the holder's. */
async function clients({ serviceConfig }: { readonly serviceConfig: DynamodbConfig }): Promise<string[]> {
  const keys = (await (await fetch(serviceConfig.url)).json()) as string[]
  return keys.filter((key) => key !== serviceConfig.accessKeyId)
}

const contract = fixtureContract(empty(), {
  module: { url, name: 'empty' },
  write: (service) => makeTable(service),
  read: tables,
  tenants: clients,
  dirt: { 'a table': (service) => makeTable(service), 'a table with items': fill },
  isPristine: async (service) => (await tables(service)).join() === 'people',
})
// The other cases are about any container of AWS: s3-container.test.ts has them.
const own = contract.filter(({ name }) => /tenant|client|reset|killed|nothing is left/.test(name))
register(Object.assign(own, { leftOut: contract.leftOut }))

test('leaves no container', async () => {
  await eventually('the containers are gone', async () => (await engine.containers()).length === 0)
  expect(await engine.containers()).toEqual([])
})
