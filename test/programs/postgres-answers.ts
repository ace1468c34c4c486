import { type ChildProcess, spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { findPostgres, type PostgresBinaries } from '../../fixtures/postgres/binaries/binaries.ts'
import { scramVerifier } from '../../fixtures/postgres/connection/scram.ts'
import { copyPreparedData, preparedData, writeSettings } from '../../fixtures/postgres/data/prepared-data.ts'
import { type SettingValue, settingsText } from '../../fixtures/postgres/data/settings.ts'
import { giveTo, reachableDirectory } from '../../src/host/reach.ts'
import { unprivilegedAccount, unprivilegedCommand } from '../../src/host/unprivileged.ts'
import { Deadline } from '../../src/kernel/deadline.ts'

/** Starts a throw-away Postgres as this user may, asks it a few things, stops it, and prints the answers as JSON. */

const startLimitMs = 20_000
const pollMs = 5

const { PG_BINARIES: chosen, PG_SETTINGS: given } = process.env
const binaries = await findPostgres(chosen ? { binaries: chosen } : {})
const settings = given ? (JSON.parse(given) as Record<string, SettingValue>) : {}
process.stdout.write(`${JSON.stringify(await answers(binaries, settings))}\n`)

async function answers(found: PostgresBinaries, settings: Record<string, SettingValue>): Promise<unknown> {
  const account = await unprivilegedAccount()
  const home = mkdtempSync(join(reachableDirectory(tmpdir(), account), 'ts-answers-'))
  try {
    const prepared = await preparedData(found)
    const [data, socketDirectory] = [join(home, 'data'), join(home, 's')]
    const port = await freePort()
    mkdirSync(socketDirectory, { mode: 0o700 })
    await copyPreparedData(prepared.directory, data)
    await writeSettings(
      data,
      settingsText({ major: found.major, socketDirectory, port, durability: 'throw-away', settings }),
    )
    giveTo(home, account)
    const server = await start(found, data)
    try {
      const changed = await ask({ host: socketDirectory, port, password: prepared.password })
      const overTcp = await ask({ host: '127.0.0.1', port, password: changed.password })
      return { kind: account.kind, directory: found.directory, environment: found.environment, ...overTcp }
    } finally {
      await stop(server)
    }
  } finally {
    rmSync(home, { recursive: true, force: true })
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  const address = server.address()
  await new Promise((resolve) => server.close(resolve))
  return typeof address === 'object' && address ? address.port : 0
}

async function start({ postgres, environment }: PostgresBinaries, data: string): Promise<ChildProcess> {
  const { argv, user } = await unprivilegedCommand([postgres, '-D', data])
  const [program, ...rest] = argv
  return spawn(program, rest, {
    ...user,
    cwd: '/',
    env: { ...process.env, ...environment },
    stdio: ['ignore', 2, 2],
  })
}

async function ask(address: { host: string; port: number; password: string }): Promise<{ password: string }> {
  const client = await connect(address)
  const password = `new-${address.password}`
  try {
    await client.query(`ALTER ROLE postgres PASSWORD '${scramVerifier(password)}'`)
    const { rows } = await client.query(
      `SELECT current_setting('server_version') AS version, current_setting('work_mem') AS work_mem,
         current_setting('search_path') AS path, upper('straße') AS upper,
         (SELECT count(*)::int FROM pg_collation WHERE collprovider = 'i') > 0 AS icu`,
    )
    return { ...rows[0], password }
  } finally {
    await client.end()
  }
}

async function connect(address: { host: string; port: number; password: string }): Promise<pg.Client> {
  const deadline = new Deadline('connecting', startLimitMs)
  for (;;) {
    const client = new pg.Client({ ...address, user: 'postgres', database: 'postgres' })
    try {
      await client.connect()
      return client
    } catch {
      await deadline.sleep(pollMs) // not listening yet, or starting up
    }
  }
}

async function stop(server: ChildProcess): Promise<void> {
  const ended = new Promise((resolve) => server.once('exit', resolve))
  if (server.exitCode !== null || !server.kill('SIGINT')) return
  await ended
}
