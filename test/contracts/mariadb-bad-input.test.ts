import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, truncateSync, utimesSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createConnection } from 'mysql2/promise'
import { afterAll, afterEach, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { mariadb, type SqlConfig } from '../../fixtures/mariadb/index.ts'
import type { ExternalService, ServiceOptions } from '../../src/fixture.ts'
import { findExecutable } from '../../src/process/executable.ts'
import { caught } from '../support/caught.ts'
import { expectNothingLeft, useCleanState } from '../support/left-nothing.ts'

const { stateDirectory } = useCleanState()

const label = 'MARIADB'

function create(init: Partial<ServiceOptions> = {}, options = {}): ExternalService<SqlConfig> {
  const service = mariadb(options).create({ label, ...init })
  onTestFinished(() => service.cleanUp())
  return service
}

async function answer({ serviceConfig }: ExternalService<SqlConfig>): Promise<unknown> {
  const client = await createConnection(serviceConfig.url)
  const [[row]] = (await client.query('SELECT 6 * 7 AS answer')) as unknown as [[Record<string, unknown>]]
  client.destroy()
  return row.answer
}

describe('prepared data', () => {
  const place = mkdtempSync(join(tmpdir(), 'ts-mariadb-'))
  const cache = join(place, 'test-services')
  const before = process.env.XDG_CACHE_HOME
  beforeAll(() => {
    process.env.XDG_CACHE_HOME = place
  })
  afterEach(() => expectNothingLeft(stateDirectory))
  afterAll(() => {
    if (before === undefined) delete process.env.XDG_CACHE_HOME
    else process.env.XDG_CACHE_HOME = before
    rmSync(place, { recursive: true })
  })
  const entries = (): string[] => readdirSync(cache).filter((name) => name.startsWith('mariadb-data-'))
  const entry = (): string => join(cache, entries()[0] ?? '')

  async function expectStart(options = {}): Promise<void> {
    const service = create({}, options)
    await service.setUp()
    expect(await answer(service)).toBe(42)
    await service.cleanUp()
  }

  test('that was cut short is made again', async () => {
    await expectStart()
    const file = join(entry(), 'content/data/ibdata1')
    truncateSync(file, 1_000)
    await expectStart()
    expect(statSync(file).size).toBeGreaterThan(1_000_000)
  })

  test('that a builder left half-written is made again', async () => {
    rmSync(join(entry(), 'complete.json'))
    rmSync(join(entry(), 'content/data/mysql'), { recursive: true })
    await expectStart()
    expect(readdirSync(join(entry(), 'content/data/mysql'))).toContain('global_priv.frm')
  })

  test('is made anew for another version', async () => {
    const bin = join(place, 'bin')
    const program = join(bin, 'mariadbd')
    mkdirSync(bin)
    copyFileSync(findExecutable('mariadbd', '/usr/sbin:/usr/libexec') ?? '', program)
    await expectStart({ binaries: program })
    expect(entries()).toHaveLength(2)
    utimesSync(program, 1, 1)
    await expectStart({ binaries: program })
    expect(entries()).toHaveLength(3)
  })
})

describe.runIf(process.getuid?.() === 0)('root', () => {
  const before = process.env.TEST_SERVICES_UNPRIVILEGED
  afterEach(() => {
    if (before === undefined) delete process.env.TEST_SERVICES_UNPRIVILEGED
    else process.env.TEST_SERVICES_UNPRIVILEGED = before
  })

  test.each(['other-user', 'user-namespace'])('runs the server, which refuses root, by way of %s', async (way) => {
    process.env.TEST_SERVICES_UNPRIVILEGED = way
    const service = create({}, { template: { migrate: () => {} } })
    await service.setUp()
    expect(await answer(service)).toBe(42)
    const { uid } = statSync(`/proc/${service.pid}`)
    expect(uid === 0).toBe(way === 'user-namespace')
    await service.reset()
    await service.cleanUp()
  })
})

describe('a server', () => {
  let running: ExternalService<SqlConfig>
  const password = String.raw`it's "odd" \ %@:/ü`

  beforeAll(async () => {
    running = mariadb().create({ label, profile: { password } })
    await running.setUp({ uniqueInstance: false })
  })
  afterAll(() => running.cleanUp())

  /** Does something as the administrator. */
  async function administer(statements: string): Promise<unknown> {
    const client = await createConnection({ uri: running.serviceConfig.url, multipleStatements: true })
    return client.query(statements).finally(() => client.destroy())
  }

  const names = async (): Promise<unknown> =>
    administer('SELECT SCHEMA_NAME FROM information_schema.SCHEMATA; SELECT User FROM mysql.user').then(
      (result) => (result as unknown[])[0],
    )

  function urlOf(user: string, secret: string, database: string): string {
    return `mysql://${user}:${encodeURIComponent(secret)}@127.0.0.1:${running.serviceConfig.port}/${database}`
  }

  test('has the password of the profile, whatever characters that has', async () => {
    expect(running.serviceConfig.password).toBe(password)
    expect(await answer(running)).toBe(42)
    const client = create({ environment: { LP_MARIADB_URL: running.serviceConfig.url } })
    await client.setUp({ useExisting: true })
    expect(await answer(client)).toBe(42)
    await client.reset()
  })

  test.each([
    ['a wrong password', 'wrong', '(using password: YES)'],
    ['no password', '', '(using password: NO)'],
  ])('is not attached to with %s', async (_what, secret, message) => {
    const environment = { LP_MARIADB_URL: urlOf('root', secret, 'test') }
    const error = await caught(create({ environment }).setUp({ useExisting: true }))
    expect(error).toMatchObject({ code: 'ERR_ATTACH' })
    expect(error.message).toContain(`MARIADB does not answer: Access denied for user 'root'@'127.0.0.1' ${message}`)
  })

  test('refuses a client who may not make databases, and nothing is left', async () => {
    await administer("CREATE USER ada@'%' IDENTIFIED BY 'ada'; GRANT SELECT ON test.* TO ada@'%'")
    const before = await names()
    const environment = { LP_MARIADB_URL: urlOf('ada', 'ada', 'test') }
    const error = await caught(create({ environment }).setUp({ useExisting: true }))
    expect(error).toMatchObject({ code: 'ERR_ATTACH' })
    expect(error.message).toMatch(/^cannot attach to MARIADB: it refuses a new client: Access denied for user 'ada'@/)
    expect(await names()).toEqual(before)
    await administer('DROP USER ada')
  })

  test.each([64, 33])('gives a tenant a name that fits, in a database of %i letters', async (length) => {
    const database = 'a'.repeat(length)
    await administer(`CREATE DATABASE ${database}`)
    const client = create({ environment: { LP_MARIADB_URL: urlOf('root', password, database) } })
    await client.setUp({ useExisting: true })
    // MySQL takes 32 letters for the name of a user.
    expect(client.serviceConfig.user).toMatch(/^a{19}_[a-z0-9]{12}$/)
    expect(await answer(client)).toBe(42)
    await client.cleanUp()
    await administer(`DROP DATABASE ${database}`)
  })
})
