import { readdirSync, readFileSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { useCleanState } from '../../support/left-nothing.ts'
import { makeHome, type SshServer, startSshServer } from '../../support/ssh-server.ts'
import { useUserProject } from '../../support/user-project.ts'

useCleanState()
const { run, write, directory } = useUserProject('')
let home: string
let server: SshServer

const names = ['postgres', 'mariadb', 'redis', 'rabbitmq', 'memcached', 'nats', 'mosquitto', 'etcd', 'openldap', 'smtp']
const optionsOf = (name: string): string => (['postgres', 'mariadb'].includes(name) ? '{ template }' : '')

beforeAll(async () => {
  symlinkSync(join(inject('installation'), 'node_modules'), join(directory, 'node_modules'))
  const imports = names.map((name) => `import { ${name} } from 'test-services/fixtures/${name}'`)
  write(
    'test-services.config.mjs',
    `import { defineConfig } from 'test-services'
${imports.join('\n')}
const template = { files: ['schema.sql'] }
export default defineConfig({ services: { ${names.map((name) => `${name}: ${name}(${optionsOf(name)})`).join(', ')} } })`,
  )
  write('schema.sql', 'CREATE TABLE books (number INT)')
  write(
    'vitest.config.mjs',
    `import { defineConfig } from 'vitest/config'
import { testServices } from 'test-services/vitest'
export default defineConfig({ plugins: [testServices({ reset: 'each' })] })`,
  )
  write('all.test.mjs', tests)
  server = await startSshServer()
  home = makeHome(server)
})
afterAll(() => server[Symbol.asyncDispose]())

/** A test for each service writes, and a second one sees that nothing of it is left. */
const tests = `
import { connect as openSocket } from 'node:net'
import { once } from 'node:events'
import amqp from 'amqplib'
import { Redis } from 'ioredis'
import mysql from 'mysql2/promise'
import pg from 'pg'
import { serviceFixtures } from 'test-services/vitest'
import { expect, test as base } from 'vitest'
import config from './test-services.config.mjs'

const test = base.extend(serviceFixtures(config))

${['first', 'again']
  .map(
    (time) => `
test('postgres ${time}', async ({ postgres }) => {
  const client = new pg.Client(postgres.serviceConfig.url)
  await client.connect()
  await client.query('CREATE TABLE marks AS SELECT * FROM books')
  await client.end()
})
test('mariadb ${time}', async ({ mariadb }) => {
  const client = await mysql.createConnection(mariadb.serviceConfig.url)
  await client.query('CREATE TABLE marks AS SELECT * FROM books')
  await client.end()
})
test('redis ${time}', async ({ redis }) => {
  const client = new Redis(redis.serviceConfig.url)
  expect(await client.incr('marks')).toBe(1)
  client.disconnect()
})
test('rabbitmq ${time}', async ({ rabbitmq }) => {
  const client = await amqp.connect(rabbitmq.serviceConfig.url)
  const channel = await client.createChannel()
  expect(await channel.assertQueue('marks')).toMatchObject({ messageCount: 0 })
  channel.sendToQueue('marks', Buffer.from('mark'))
  await client.close()
})`,
  )
  .join('')}
${names
  .slice(4)
  .map(
    (name) => `
test('${name}', async ({ ${name} }) => {
  await once(openSocket(${name}.serviceConfig.port, '127.0.0.1').unref(), 'connect')
  await ${name}.reset()
})`,
  )
  .join('')}
`

test.each([
  ['own', 'here'],
  ['shared', 'here'],
  ['own', 'over ssh'],
  ['shared', 'over ssh'],
])('with %s services %s, the plugin gives each test its part', async (services, place) => {
  const { user, host, port } = server.options
  const machines = place === 'here' ? 'local=1' : `ssh://${user}@${host}:${port}=1`
  const output = `results-${services}-${machines.slice(0, 3)}`
  const options = ['--machines', machines, '--services', services, '--output', output]
  const ran = await run(['pool', 'run', ...options], { env: { HOME: home, SSH_AUTH_SOCK: '' } })
  const results = readFileSync(join(directory, output, 'results.jsonl'), 'utf8')
  expect(ran.code, ran.stderr + results + outputOf(output)).toBe(0)
  const rows = readFileSync(join(directory, output, 'services.jsonl'), 'utf8')
    .trim()
    .split('\n')
  const starts = rows.map((row) => JSON.parse(row)).filter(({ attempt }) => attempt === 'all.test.mjs#1')
  // Each once: a tenant, or a server of its own of a service that cannot be shared.
  const own = ['memcached', 'mosquitto']
  const expected = names.map((service) => [service, own.includes(service) ? undefined : true])
  expect(starts.map(({ service, isTenant }) => [service, isTenant]).sort()).toEqual(expected.sort())
})

/** Returns what the tests of a run have said. */
function outputOf(output: string): string {
  const files = readdirSync(join(directory, output), { recursive: true, encoding: 'utf8' })
  const texts = files.filter((file) => file.endsWith('output.txt'))
  return texts.map((file) => readFileSync(join(directory, output, file), 'utf8')).join('\n')
}
