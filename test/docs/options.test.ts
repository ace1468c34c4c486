import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { awsEntries } from '../../fixtures/aws/index.ts'
import { serverEntries } from '../../src/fixture-internals.ts'
import { readDocument, root } from '../support/documents.ts'

/** Keys of a schema, as the source lists them: `const commandSchema = v.strictObject({`, or `const entries = {`. */
function keysOf(file: string, schema: string): string[] {
  const source = readFileSync(join(root, file), 'utf8')
  const body = new RegExp(`const ${schema} = (?:v\\.strictObject\\()?\\{\\n(.*?)\\n\\}`, 's').exec(source)?.[1] ?? ''
  const server = Object.keys(serverEntries)
  const shared = body.includes('...serverEntries') ? server : []
  const ofAws = body.includes('...awsEntries') ? Object.keys(awsEntries) : []
  const ofNode = body.includes('...nodeEntries') ? server.filter((name) => name !== 'from' && name !== 'image') : []
  return [...shared, ...ofAws, ...ofNode, ...Array.from(body.matchAll(/^ {2}(\w+):/gm), ([, key = '']) => key)]
}

/** Names in the first column of the tables below a heading. */
function namesBelow(document: string, heading: string): string[] {
  const [, section = ''] = `\n${readDocument(document)}`.split(`\n${heading}\n`)
  const rows = (section.split(/\n##? /)[0] ?? '').matchAll(/^\| (`.*?) \|/gm)
  return Array.from(rows, ([, cell = '']) => Array.from(cell.matchAll(/`(\w+)`/g), ([, name = '']) => name)).flat()
}

test.each([
  ['docs/config.md', '# The config', 'src/config/define-config.ts', 'configSchema'],
  ['docs/config.md', '## `command()`: any program', 'src/service/command/command-schema.ts', 'commandSchema'],
  ['docs/node-test.md', '## Several services', 'src/config/start.ts', 'optionsSchema'],
  ['docs/postgres.md', '## Options', 'fixtures/postgres/server/options.ts', 'entries'],
  ['docs/postgres-templates.md', '# Postgres: tables and seed data', 'src/service/sql-template.ts', 'templateSchema'],
  ['docs/services/etcd.md', '## Options', 'fixtures/etcd/index.ts', 'optionsSchema'],
  ['docs/services/etcd-cluster.md', '## Options', 'fixtures/etcd-cluster/index.ts', 'optionsSchema'],
  ['docs/services/openldap.md', '## Options', 'fixtures/openldap/index.ts', 'optionsSchema'],
  ['docs/services/dynamodb.md', '## Options', 'fixtures/dynamodb/index.ts', 'optionsSchema'],
  ['docs/services/mariadb.md', '## Options', 'fixtures/mariadb/options.ts', 'optionsSchema'],
  ['docs/services/mariadb.md', '## The template', 'src/service/sql-template.ts', 'templateSchema'],
  ['docs/services/mysql.md', '## Options', 'fixtures/mariadb/options.ts', 'optionsSchema'],
  ['docs/services/memcached.md', '## Options', 'fixtures/memcached/index.ts', 'optionsSchema'],
  ['docs/services/mosquitto.md', '## Options', 'fixtures/mosquitto/index.ts', 'optionsSchema'],
  ['docs/services/nats.md', '## Options', 'fixtures/nats/index.ts', 'optionsSchema'],
  ['docs/services/container.md', '## Options', 'fixtures/container/options.ts', 'optionsSchema'],
  ['docs/services/rabbitmq.md', '## Options', 'fixtures/rabbitmq/index.ts', 'nodeEntries'],
  ['docs/services/rabbitmq.md', '## Options', 'fixtures/rabbitmq/index.ts', 'optionsSchema'],
  ['docs/services/rabbitmq-cluster.md', '## Options', 'fixtures/rabbitmq/index.ts', 'nodeEntries'],
  ['docs/services/redis.md', '## Options', 'fixtures/redis/index.ts', 'optionsSchema'],
  ['docs/services/kafka.md', '## Options', 'fixtures/kafka/index.ts', 'optionsSchema'],
  ['docs/services/mongodb.md', '## Options', 'fixtures/mongodb/index.ts', 'optionsSchema'],
  ['docs/services/valkey.md', '## Options', 'fixtures/redis/index.ts', 'optionsSchema'],
  ['docs/services/redis-cluster.md', '## Options', 'fixtures/redis-cluster/index.ts', 'optionsSchema'],
  ['docs/services/redis-sentinel.md', '## Options', 'fixtures/redis-sentinel/index.ts', 'ownEntries'],
  ['docs/services/s3.md', '## Options', 'fixtures/s3/index.ts', 'optionsSchema'],
  ['docs/services/smtp.md', '## Options', 'fixtures/smtp/index.ts', 'optionsSchema'],
  ['docs/vitest.md', '## Options', 'src/vitest/plugin/find-stack.ts', 'optionsSchema'],
])('%s has a row for each option: %s', (document, heading, file, schema) => {
  const keys = keysOf(file, schema)
  expect(keys.length).toBeGreaterThan(1)
  expect(namesBelow(document, heading)).toEqual(expect.arrayContaining(keys))
})

test('docs/scripts.md has a row for each option', () => {
  const names = ['## Parts', '## Options'].flatMap((heading) => namesBelow('docs/scripts.md', heading))
  const keys = keysOf('src/service/script/script-schema.ts', 'scriptSchema')
  expect(keys.length).toBeGreaterThan(10)
  expect([...names, 'onCheck']).toEqual(expect.arrayContaining(keys))
})
