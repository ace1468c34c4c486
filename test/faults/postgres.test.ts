import { mkdtempSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { isAlive } from '../../src/process/identity.ts'
import { connected, value } from '../fixtures/postgres/clients.ts'
import { caught } from '../support/caught.ts'
import { eventually } from '../support/eventually.ts'
import { useFaultGround } from '../support/fault-ground.ts'
import { processesOf } from '../support/left-nothing.ts'
import { useUserProject, variablesOf } from '../support/user-project.ts'
import { commandLine } from './holders.ts'

const ground = useFaultGround()
const { directory, run, start, write } = useUserProject(`
import { defineConfig } from 'test-services'
import { postgres } from 'test-services/fixtures/postgres'
export default defineConfig({ services: { db: postgres() } })`)
const stopLimitMs = 6_000

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

test(`a Postgres with an open client in the middle of a query is stopped within ${stopLimitMs} ms`, async () => {
  const { broken } = await busyPostgres()
  const witness = ground.witness()
  const beganAt = performance.now()
  expect((await run(['stop'])).code).toBe(0)
  expect(performance.now() - beganAt).toBeLessThan(stopLimitMs)
  expect(witness.processes.filter(isAlive)).toEqual([])
  await broken
  await witness.expectNothingLeft()
})

test('a postmaster that was killed with a busy backend is told, and leaves no shared memory', async () => {
  const { postmaster, broken } = await busyPostgres()
  const witness = ground.witness()
  process.kill(postmaster, 'SIGKILL')
  const status = await run(['status'])
  expect(status).toMatchObject({ code: 1, stdout: expect.stringContaining('DB died: it ended with signal SIGKILL') })
  expect((await run(['stop'])).code).toBe(0)
  await broken
  await witness.expectNothingLeft()
})

test('a postmaster with a busy backend that was killed together with its holder leaves nothing', async () => {
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

test.each(['SIGKILL', 'SIGTERM'] as const)(
  '%s to the holder while initdb runs its servers leaves nothing',
  async (signal) => {
    const env = { XDG_CACHE_HOME: mkdtempSync(join(directory, 'cold-')) }
    const held = start(['exec', 'db', '--', 'true'], { env })
    const initdbs = (): Set<string> => new Set(processesOf(ground.stateDirectory).map(({ pid }) => String(pid)))
    await eventually('a server of initdb has its segment', () => hasSegment(initdbs()), 20_000)
    const witness = ground.witness()
    process.kill(held.pid, signal)
    await held.ended
    await witness.expectNothingLeft()
  },
)

test('no argument of any process of a run contains a secret, which files of mode 0600 and the variables do', async () => {
  const { variables, broken } = await busyPostgres()
  const { LP_DB_PASSWORD: password = '' } = variables
  expect(password.length).toBeGreaterThan(10)
  const witness = ground.witness()
  const ours = processesOf(ground.stateDirectory)
  expect(ours.length).toBeGreaterThan(3)
  const lines = ours.map(({ pid }) => commandLine(pid))
  expect(lines.filter((line) => line.includes(password))).toEqual([])
  const ran = await run(['exec', '--', process.execPath, write('asks.mjs', asks)], { cwd: directory })
  expect(ran, ran.stderr).toMatchObject({ code: 0, stdout: '[]\n' })
  expect((await run(['status'])).stdout).not.toContain(password)
  expect((await run(['logs'])).stdout).not.toContain(password)
  expect((await run(['stop'])).code).toBe(0)
  await broken
  await witness.expectNothingLeft()
})

/** Says which command lines of the machine contain the password of its own instance. */
const asks = `
import { readdirSync, readFileSync } from 'node:fs'
const read = (pid) => { try { return readFileSync('/proc/' + pid + '/cmdline', 'latin1') } catch { return '' } }
const lines = readdirSync('/proc').filter((name) => /^\\d+$/.test(name)).map(read)
console.log(JSON.stringify(lines.filter((line) => line.includes(process.env.LP_DB_PASSWORD))))`
