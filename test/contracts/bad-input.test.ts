import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { afterEach, describe, expect, onTestFinished, test } from 'vitest'
import { dynamodb } from '../../fixtures/dynamodb/index.ts'
import { etcd } from '../../fixtures/etcd/index.ts'
import { mariadb } from '../../fixtures/mariadb/index.ts'
import { memcached } from '../../fixtures/memcached/index.ts'
import { mosquitto } from '../../fixtures/mosquitto/index.ts'
import { mysql } from '../../fixtures/mysql/index.ts'
import { nats } from '../../fixtures/nats/index.ts'
import { openldap } from '../../fixtures/openldap/index.ts'
import { postgres } from '../../fixtures/postgres/index.ts'
import { rabbitmq } from '../../fixtures/rabbitmq/index.ts'
import { redis } from '../../fixtures/redis/index.ts'
import { s3 } from '../../fixtures/s3/index.ts'
import { smtp } from '../../fixtures/smtp/index.ts'
import { valkey } from '../../fixtures/valkey/index.ts'
import type { ServiceOptions } from '../../src/fixture.ts'
import type { ServiceDefinition } from '../../src/index.ts'
import { caught } from '../support/caught.ts'
import { expectNothingLeft, useCleanState } from '../support/left-nothing.ts'

const { stateDirectory } = useCleanState()
afterEach(() => expectNothingLeft(stateDirectory))

const label = 'SERVER'
type Fixture = (options?: { readonly version?: string }) => ServiceDefinition

/** Servers that Debian 12 lacks. `.ci/run` unpacks them. */
const { MYSQL_BINARIES, VALKEY_SERVER } = process.env
const unpacked: Record<string, Fixture> = {
  ...(MYSQL_BINARIES && { mysql: (options) => mysql({ binaries: MYSQL_BINARIES, ...options }) }),
  ...(VALKEY_SERVER && { valkey: (options) => valkey({ binaries: VALKEY_SERVER, ...options }) }),
}
/** Servers that have versions; the others are part of this package. */
const servers: Record<string, Fixture> = {
  ...{ dynamodb, etcd, mariadb, memcached, mosquitto, nats, openldap, postgres, rabbitmq, redis, smtp },
  ...unpacked,
}
const fixtures: Record<string, Fixture> = { ...servers, s3: s3 as Fixture }
const withoutPassword = ['memcached']

function create(fixture: Fixture, init: Partial<ServiceOptions> = {}) {
  const service = fixture().create({ label, ...init })
  onTestFinished(() => service.cleanUp())
  return service
}

/** Returns the variables of a service with another password; they name no file that has the right one. */
function withPassword(variables: Readonly<Record<string, string>>, password: string): Record<string, string> {
  const entries = Object.entries(variables).filter(([name]) => !/_(CONTROL_PID|PIDFILE|CONFIGFILE|LOGFILE)$/.test(name))
  const changed = entries.map(([name, value]) => {
    if (/_(PASSWORD|SECRET_ACCESS_KEY)$/.test(name)) return [name, password]
    return [name, name === `LP_${label}_URL` ? value.replace(/:[^:@/]+@/, `:${password}@`) : value]
  })
  return Object.fromEntries(changed)
}

test.each(Object.entries(fixtures))('%s names a port that is taken', async (_name, fixture) => {
  const listening = createServer().listen(0, '127.0.0.1')
  onTestFinished(() => void listening.close())
  await once(listening, 'listening')
  const { port } = listening.address() as AddressInfo
  const error = await caught(create(fixture, { profile: { port } }).setUp({ uniqueInstance: false }))
  expect(error).toMatchObject({ code: 'ERR_PORT_TAKEN' })
  expect(error.message).toContain(`SERVER: port ${port} is already in use by process ${process.pid}; stop the process`)
  expect(error.message).toContain('last lines of its log:\n')
})

test.each(Object.entries(servers))('%s of another version names the one that is there', async (_name, fixture) => {
  const error = await caught(fixture({ version: '999' }).create({ label }).setUp())
  expect(error).toMatchObject({ code: 'ERR_MISSING_BINARY' })
  expect(error.message).toMatch(/^SERVER cannot be started: no .* 999 was found:\n/)
  expect(error.message).toMatch(/(version|found:|has) \d+\.\d+/)
  expect(error.message).toContain('install')
})

describe.each(Object.entries(fixtures).filter(([name]) => !withoutPassword.includes(name)))('%s', (_name, fixture) => {
  test('refuses a client with a wrong password, and one without', async () => {
    const running = create(fixture)
    await running.setUp()
    for (const password of ['wrong', '']) {
      const environment = withPassword(running.variables, password)
      const error = await caught(create(fixture, { environment }).setUp({ useExisting: true }))
      expect(error).toMatchObject({ code: 'ERR_ATTACH' })
      expect(error.message).toMatch(
        /^cannot attach to SERVER: SERVER does not answer: .*; check the variables LP_SERVER_\*/,
      )
    }
    await running.check()
    await running.cleanUp()
  })
})
