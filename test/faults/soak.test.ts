import { readdirSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import type { Client } from 'pg'
import { expect, test } from 'vitest'
import { librarian } from '../../fixtures/librarian/index.ts'
import { inDatabase } from '../../fixtures/postgres/connection/config.ts'
import { postgres } from '../../fixtures/postgres/index.ts'
import { askHolder } from '../../src/helper/control-server.ts'
import { listHolders } from '../../src/helper/holder-record.ts'
import { command, ready } from '../../src/index.ts'
import { unlessUnreadable } from '../../src/process/inspect/unless-unreadable.ts'
import { ask, connected } from '../fixtures/postgres/clients.ts'
import { eventually } from '../support/eventually.ts'
import { useFaultGround } from '../support/fault-ground.ts'
import { processesOf } from '../support/left-nothing.ts'
import { readPid } from '../support/read-pid.ts'
import { useUserProject, variablesOf } from '../support/user-project.ts'
import { namesIn } from './holders.ts'

const ground = useFaultGround()
const { stateDirectory } = ground
const { run, write } = useUserProject('library-and-schema')
write('schema.sql', `CREATE TABLE book (title text); INSERT INTO book VALUES ('a first book')`)

const cycles = 200
/** After which everything that is made once is there. */
const warmUp = 40
/** Connections that are just being opened or closed; a leak would be one for each cycle. */
const descriptorSlack = 5
/** What a garbage collector may not have got to yet. */
const heapSlackBytes = 24 * 1024 ** 2
/** A server has none. */
const serverSlackBytes = 4 * 1024 ** 2

/** For the one a reset takes rows back, for the other it puts another database in the place. */
const dirt = [`INSERT INTO book VALUES ('a second book')`, 'CREATE TABLE shelf (place int)'] as const

const readyDatabase = 'test_services_ready_test_services_template_…'
/** As many are ready as ever are, and there is a spare copy for the next reset of the helper's own. */
const databasesAtRest = [
  ...['postgres', 'template0', 'template1', 'test'],
  ...Array.from({ length: 4 }, () => readyDatabase),
  ...['test_services_template', 'test_spare_…'],
]

/** A leak stays for ever. */
const settlingMs = 20_000

const small = command({ command: ['sh', '-c', 'echo up; exec sleep 600'], port: false, ready: ready.log('up') })

/** The helper with its instances, and a connection that sees what is in the server. */
async function startHelper() {
  const ran = await run(['--daemonise', '--format', 'json'])
  expect(ran.code, ran.stderr).toBe(0)
  const environment = variablesOf(ran)
  const [holder] = listHolders(stateDirectory)
  if (!holder) throw new Error('there is no helper')
  const { LP_DB_URL: url = '', LP_DB_DATA_DIRECTORY: data = '', LP_LIBRARY_PIDFILE, LP_DB_PIDFILE } = environment
  const [library = -1, postmaster = -1] = [LP_LIBRARY_PIDFILE, LP_DB_PIDFILE].map((file = '') => readPid(file))
  const server = await connected(inDatabase({ url }, 'postgres').url)
  const { controlSocket, identity } = holder
  return { environment, controlSocket, url, data, server, pid: identity.pid, library, postmaster }
}

type Helper = Awaited<ReturnType<typeof startHelper>>

/** Everything that is there is used, and written to before it is reset. */
async function cycle({ environment, controlSocket, url }: Helper, count: number): Promise<void> {
  await using unique = small.create({ label: 'SMALL' })
  await using space = librarian().create({ label: 'LIBRARY', environment })
  await using slice = postgres().create({ label: 'DB', environment })
  const [first = '', second = ''] = count % 2 === 0 ? dirt : dirt.toReversed()
  await Promise.all([unique.setUp(), space.setUp({ useExisting: true }), slice.setUp({ useExisting: true })])
  await fetch(`${space.serviceConfig.url}/files`, { method: 'POST', body: 'a book' })
  await ask(slice.serviceConfig.url, first)
  await slice.snapshot('dirty')
  await ask(slice.serviceConfig.url, second)
  await slice.restore('dirty')
  await Promise.all([space.reset(), slice.reset()])
  expect(await ask(slice.serviceConfig.url, 'SELECT title FROM book')).toEqual([{ title: 'a first book' }])
  await ask(url, first)
  await askHolder(controlSocket, { action: 'reset' })
}

test(`${cycles} starts and stops beside a helper leave all counts flat`, async () => {
  const helper = await startHelper()
  for (let count = 0; count < warmUp; count++) await cycle(helper, count)
  const [before, sizesBefore] = [await whenAtRest(helper), sizes(helper)]
  for (let count = warmUp; count < cycles; count++) await cycle(helper, count)
  await expect.poll(() => counts(helper), { timeout: settlingMs }).toEqual(before)
  const grown = sizes(helper).map((now, index) => ({ ...now, size: now.size - (sizesBefore[index]?.size ?? 0) }))
  expect(grown.filter(({ size, slack }) => size > slack)).toEqual([])
  const witness = ground.witness()
  expect((await run(['stop'])).code).toBe(0)
  await witness.expectNothingLeft()
}, 240_000)

/** What is the same at any time of rest. */
async function counts({ server, data, postmaster }: Helper) {
  return {
    files: filesBeside(data),
    processes: processesOf(stateDirectory).length,
    ownChildren: childrenOf(process.pid).length,
    databases: await databases(server),
    backends: await backends(server),
    serverProcesses: childrenOf(postmaster).length,
    dataFiles: await filesOf(server, '.'),
    databaseDirectories: (await filesOf(server, 'base')).length,
    recordedClients: namesIn(join(data, 'test_services_slices')),
  }
}

/** Waits until no process and no database comes up or goes. */
async function whenAtRest(helper: Helper) {
  await expect.poll(() => databases(helper.server), { timeout: settlingMs }).toEqual(databasesAtRest)
  const look = async () => {
    const now = await counts(helper)
    const known = sum(now.backends.map(({ count }) => count))
    const isRunning = known !== now.serverProcesses || now.backends.some(({ type }) => type === 'autovacuum worker')
    const isChanging = now.databaseDirectories !== databasesAtRest.length
    return !isRunning && !isChanging && isDeepStrictEqual(now.databases, databasesAtRest) && now
  }
  return eventually('no process and no database comes up or goes', look, settlingMs)
}

/** What is random in a name is left out. */
async function databases(server: Client): Promise<string[]> {
  const { rows } = await server.query<{ datname: string }>('SELECT datname FROM pg_database')
  return rows.map(({ datname }) => datname.replace(/_[a-z0-9]{6}$/, '_…')).sort()
}

async function backends(server: Client) {
  const { rows } = await server.query<{ type: string; database: string | null; count: number }>(
    'SELECT backend_type AS type, datname AS database, count(*)::int FROM pg_stat_activity GROUP BY 1, 2 ORDER BY 1, 2',
  )
  return rows
}

/** As the server sees its data: from outside an overlay shows what was changed. */
async function filesOf(server: Client, directory: string): Promise<string[]> {
  const { rows } = await server.query<{ name: string }>('SELECT pg_ls_dir($1) AS name ORDER BY 1', [directory])
  return rows.map(({ name }) => name)
}

interface Size {
  readonly what: string
  readonly size: number
  readonly slack: number
}

/** What is a little different each time. */
function sizes({ pid, library, postmaster }: Helper): Size[] {
  const descriptors = (what: string, of: number): Size => {
    return { what: `descriptors of ${what}`, size: namesIn(`/proc/${of}/fd`).length, slack: descriptorSlack }
  }
  const server = [postmaster, ...childrenOf(postmaster)]
  return [
    descriptors('the test', process.pid),
    descriptors('the helper', pid),
    descriptors('the librarian', library),
    descriptors('the postmaster', postmaster),
    { what: 'memory of the helper', size: memoryOf(pid), slack: heapSlackBytes },
    { what: 'memory of the librarian', size: memoryOf(library), slack: heapSlackBytes },
    { what: 'memory of the server', size: sum(server.map(memoryOf)), slack: serverSlackBytes },
  ]
}

/** Of all but the data of the server, in which files have numbers that are never given twice. */
function filesBeside(data: string): string[] {
  const below = `${relative(stateDirectory, data)}/`
  const files = readdirSync(stateDirectory, { recursive: true, encoding: 'utf8' })
  return files.filter((path) => !path.startsWith(below)).sort()
}

function childrenOf(pid: number): number[] {
  return readFileSync(`/proc/${pid}/task/${pid}/children`, 'latin1').trim().split(' ').map(Number)
}

/** Its own, without what it shares. @see proc_pid_status(5) `RssAnon` */
function memoryOf(pid: number): number {
  const text = unlessUnreadable(() => readFileSync(`/proc/${pid}/status`, 'latin1')) ?? ''
  return Number(/^RssAnon:\s+(\d+) kB/m.exec(text)?.[1] ?? 0) * 1024
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, one) => total + one, 0)
}
