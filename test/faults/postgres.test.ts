import { existsSync, mkdtempSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { isDeepStrictEqual } from 'node:util'
import { expect, test } from 'vitest'
import { includedSettingsFile } from '../../fixtures/postgres/data/settings.ts'
import type { PostgresConfig } from '../../fixtures/postgres/index.ts'
import { isAlive, readStat } from '../../src/process/inspect/identity.ts'
import { unlessUnreadable } from '../../src/process/inspect/unless-unreadable.ts'
import { runPaths } from '../../src/run/run-paths.ts'
import { ask, connected, databases, value } from '../fixtures/postgres/clients.ts'
import { caught } from '../support/caught.ts'
import { eventually } from '../support/eventually.ts'
import { useFaultGround } from '../support/fault-ground.ts'
import { processesOf } from '../support/left-nothing.ts'
import { cases, repeats } from '../support/repeats.ts'
import { type Started, startProcess, useUserProject, variablesOf } from '../support/user-project.ts'
import { atInstants, commandLine, namesIn, waits } from './holders.ts'

const ground = useFaultGround()
const { copy, directory, run, start } = useUserProject('postgres')
const stopLimitMs = 6_000
/** With `initdb`, or step by step. */
const startLimitMs = 20_000

/** A helper with a Postgres, and a client in the middle of a query that would take a minute. */
async function busyPostgres() {
  const ran = await run(['--daemonise', '--format', 'json'])
  expect(ran.code, ran.stderr).toBe(0)
  const variables = variablesOf(ran)
  const { LP_DB_URL: url = '' } = variables
  const client = await connected(url)
  const backend = Number((await client.query('SELECT pg_backend_pid() AS pid')).rows[0].pid)
  const broken = caught(client.query('SELECT pg_sleep(60)'))
  const state = `SELECT state FROM pg_stat_activity WHERE pid = ${backend}`
  await eventually('the query runs', async () => (await value(url, state)) === 'active')
  const { services } = JSON.parse((await run(['status', '--json'])).stdout)
  return { variables, helper: Number(variables.LP_DB_CONTROL_PID), postmaster: Number(services[0].pid), broken }
}

test(`a Postgres with a client in a query is stopped within ${stopLimitMs} ms`, async () => {
  const { broken } = await busyPostgres()
  const witness = ground.witness()
  const beganAt = performance.now()
  expect((await run(['stop'])).code).toBe(0)
  expect(performance.now() - beganAt).toBeLessThan(stopLimitMs)
  expect(witness.processes.filter(isAlive)).toEqual([])
  await broken
  await witness.expectNothingLeft()
})

test('a killed postmaster with a busy backend is reported, and leaves no memory', async () => {
  const { postmaster, broken } = await busyPostgres()
  const witness = ground.witness()
  process.kill(postmaster, 'SIGKILL')
  const status = await run(['status'])
  expect(status).toMatchObject({ code: 1, stdout: expect.stringContaining('DB died: it ended with signal SIGKILL') })
  expect((await run(['stop'])).code).toBe(0)
  await broken
  await witness.expectNothingLeft()
})

test('a busy postmaster that is killed together with its holder leaves nothing', async () => {
  const { helper, postmaster, broken } = await busyPostgres()
  const witness = ground.witness()
  process.kill(helper, 'SIGKILL')
  process.kill(postmaster, 'SIGKILL')
  await broken
  await witness.expectNothingLeft()
})

/** @see proc_sysvipc(5): column 5 is the pid of the creator */
function hasSegment(pids: ReadonlySet<string>): boolean {
  const rows = readFileSync('/proc/sysvipc/shm', 'latin1').trim().split('\n')
  return rows.some((row) => pids.has(row.trim().split(/\s+/)[4] ?? ''))
}

test.each<NodeJS.Signals>(cases(['SIGKILL'], ['SIGTERM']))(
  '%s to the holder while initdb runs its servers leaves nothing',
  async (signal) => {
    const env = { XDG_CACHE_HOME: mkdtempSync(join(directory, 'cold-')) }
    const held = start(['exec', 'db', '--', 'true'], { env })
    const initdbs = (): Set<string> => new Set(processesOf(ground.stateDirectory).map(({ pid }) => String(pid)))
    await eventually('a server of initdb has its segment', () => hasSegment(initdbs()), startLimitMs)
    const witness = ground.witness()
    process.kill(held.pid, signal)
    expect((await held.ended).stderr).toContain('… db is starting: making its data, once for all later starts\n')
    await witness.expectNothingLeft()
  },
)

/** Where the server that stands at the gate of a holder will have its data; `undefined` before and after. */
function dataAtTheGate({ pid }: Started): string | undefined {
  const children = unlessUnreadable(() => readFileSync(`/proc/${pid}/task/${pid}/children`, 'latin1')) ?? ''
  const lines = children
    .trim()
    .split(' ')
    .map((child) => commandLine(Number(child)))
  const gate = lines.find((line) => line.includes('read -r go'))
  return /\0-D\0([^\0]+)/.exec(gate ?? '')?.[1]
}

/** Lets a holder start in steps until it copies the data; there it stays. `false` when it did that within one step. */
async function stopWhileCopying(held: Started): Promise<boolean> {
  const step = () => {
    held.child.kill('SIGSTOP')
    const data = dataAtTheGate(held)
    if (held.child.exitCode !== null || (data !== undefined && existsSync(data))) return { data }
    held.child.kill('SIGCONT')
    return false
  }
  const { data } = await eventually('the data is being copied', step, startLimitMs)
  if (data === undefined) return false
  await eventually('it is stopped', () => readStat(held.pid)?.state === 'T')
  return dataAtTheGate(held) === data && !existsSync(join(data, includedSettingsFile))
}

const copyings = repeats(1, 5)
copy('configs/postgres-on-disk.config.mjs')
const execOnDisk = ['exec', '--config', 'postgres-on-disk.config.mjs', '--', 'true']

test(`SIGKILL to the holder while data is copied leaves nothing, ${copyings} times`, async () => {
  expect((await run(execOnDisk)).code).toBe(0)
  for (let left = copyings, attempts = 4 * copyings; left > 0 && attempts > 0; attempts--) {
    // One thread, so that the copying takes longer than to look for it.
    const held = start(execOnDisk, { env: { UV_THREADPOOL_SIZE: '1' } })
    if (await stopWhileCopying(held)) left--
    const witness = ground.witness()
    held.child.kill('SIGKILL')
    await held.ended
    await witness.expectNothingLeft()
    expect(attempts, 'attempts left, should it not be met copying').toBeGreaterThan(1)
  }
})

const starts = repeats(2, 20)

test(`SIGKILL at ${starts} random instants of the start of a Postgres leaves nothing`, {
  timeout: 120_000,
}, async () => {
  const begin = (): Started => start(['exec', 'db', '--', 'sh', '-c', 'echo is up >&2; read -r end'], waits)
  const kill = async ({ child, ended }: Started): Promise<number> => {
    child.kill('SIGSTOP')
    const witness = ground.witness()
    child.kill('SIGKILL')
    await ended
    await witness.expectNothingLeft()
    return witness.processes.length
  }
  const beganAt = performance.now()
  const whole = begin()
  await whole.said('is up')
  const tookMs = performance.now() - beganAt
  await kill(whole)
  await atInstants({ count: starts, lastMs: tookMs, atLeastMet: repeats(1, 2) }, async (atMs) => {
    const held = begin()
    await pause(atMs)
    return (await kill(held)) > 1
  })
})

/** What clients have in an instance, and what its server is just doing for one, which it ends without them as well. */
async function inUse(config: PostgresConfig): Promise<string[]> {
  const active = `SELECT query FROM pg_stat_activity WHERE state = 'active' AND pid <> pg_backend_pid()`
  const queries = await ask<{ query: string }>(config.url, active)
  return [...queries.map(({ query }) => query), ...(await databases(config))]
}

const clients = repeats(2, 10)

test(`${clients} clients killed at random instants of their set-up leave no database`, async () => {
  const variables = variablesOf(await run(['--daemonise', '--format', 'json']))
  const { LP_DB_URL: url = '' } = variables
  const config = { url } as PostgresConfig
  const runs = (): string[] => namesIn(runPaths.runs(ground.stateDirectory))
  const before = [await databases(config), runs()]
  const begin = async (): Promise<Started> => {
    const client = startProcess([process.execPath, copy('programs/attaches-to-db.mjs')], {
      cwd: directory,
      env: variables,
    })
    await client.said('begins')
    return client
  }
  const kill = async ({ child, ended }: Started): Promise<void> => {
    child.kill('SIGKILL')
    await ended
    await eventually('its database is gone', async () => isDeepStrictEqual([await inUse(config), runs()], before))
  }
  const whole = await begin()
  const beganAt = performance.now()
  await whole.said('has ')
  const tookMs = performance.now() - beganAt
  await kill(whole)
  await atInstants({ count: clients, lastMs: tookMs }, async (atMs) => {
    const client = await begin()
    await pause(atMs)
    await kill(client)
    return true
  })
  expect(await value(url, 'SELECT 1')).toBe(1)
  const witness = ground.witness()
  expect((await run(['stop'])).code).toBe(0)
  await witness.expectNothingLeft()
})

test('no argument of a process contains a secret; files of mode 0600 and variables do', async () => {
  const { variables, broken } = await busyPostgres()
  const { LP_DB_PASSWORD: password = '', LP_DB_CONFIGFILE: file = '' } = variables
  expect(password.length).toBeGreaterThan(10)
  expect(statSync(file).mode & 0o777).toBe(0o600)
  expect(readFileSync(file, 'utf8')).toContain(password)
  const witness = ground.witness()
  const ours = processesOf(ground.stateDirectory)
  expect(ours.length).toBeGreaterThan(3)
  const lines = ours.map(({ pid }) => commandLine(pid))
  expect(lines.filter((line) => line.includes(password))).toEqual([])
  const ran = await run(['exec', '--', process.execPath, copy('programs/finds-its-password.mjs')], { cwd: directory })
  expect(ran, ran.stderr).toMatchObject({ code: 0, stdout: '[]\n' })
  expect((await run(['status'])).stdout).not.toContain(password)
  expect((await run(['logs'])).stdout).not.toContain(password)
  expect((await run(['stop'])).code).toBe(0)
  await broken
  await witness.expectNothingLeft()
})
