import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { afterAll, expect, test } from 'vitest'
import type { DynamodbConfig } from '../../fixtures/dynamodb/index.ts'
import { useTestEngine } from '../support/container-engine.ts'
import { eventually } from '../support/eventually.ts'
import { useCleanState } from '../support/left-nothing.ts'
import { fill, makeTable, tables } from './dynamodb-hooks.ts'
import { installedTesting, installedUrl, register } from './register.ts'

useCleanState()

// No image of a public server can be pulled here: this one contains dynalite, with a database for each access key.
const image = 'localhost/dynamodb-local:2'
const entry = fileURLToPath(new URL('../programs/plays-dynamodb-local.mjs', import.meta.url))
const modules = fileURLToPath(new URL('../../node_modules', import.meta.url))
const fixture = installedUrl('fixtures/dynamodb')
const engine = useTestEngine({
  [image]: {
    programs: [process.execPath],
    files: [entry, ...packagesOf('dynalite')],
    moved: { [process.execPath]: '/bin/node' },
    changes: [`ENTRYPOINT ["/bin/node", "${entry}"]`, 'EXPOSE 8000'],
  },
})

const { fixtureContract } = await installedTesting()
const { dynamodb }: typeof import('../../fixtures/dynamodb/index.ts') = await import(fixture)

/** Returns the directories of a package and of all packages that it needs. */
function packagesOf(name: string, found = new Set<string>()): string[] {
  const directory = join(modules, name)
  if (found.has(directory)) return []
  found.add(directory)
  const { dependencies = {} } = JSON.parse(readFileSync(join(directory, 'package.json'), 'utf8'))
  for (const needed of Object.keys(dependencies)) packagesOf(needed, found)
  return [...found]
}

const directory = mkdtempSync(join(tmpdir(), 'ts-image-'))
afterAll(() => rmSync(directory, { recursive: true }))
const module = join(directory, 'fixture.mjs')
const people = {
  TableName: 'people',
  AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
  KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
  BillingMode: 'PAY_PER_REQUEST',
}
const options = { image, tables: [{ table: people, items: [{ id: { S: 'Ada' } }] }] } as const
writeFileSync(
  module,
  `import { dynamodb } from '${fixture}'\nexport const server = () => dynamodb(${JSON.stringify(options)})\n`,
)

/** Access keys of all clients with tables, but for the holder's. */
async function clients({ serviceConfig }: { readonly serviceConfig: DynamodbConfig }): Promise<string[]> {
  const keys = (await (await fetch(serviceConfig.url)).json()) as string[]
  return keys.filter((key) => key !== serviceConfig.accessKeyId)
}

const contract = fixtureContract(dynamodb(options), {
  module: { url: pathToFileURL(module), name: 'server' },
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
