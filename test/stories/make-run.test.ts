import { existsSync, mkdtempSync, rmdirSync, rmSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import pg from 'pg'
import { beforeAll, expect, inject, test } from 'vitest'
import { expectNothingLeft, useCleanState } from '../support/left-nothing.ts'
import { type Started, startProcess, useUserProject } from '../support/user-project.ts'

const { stateDirectory } = useCleanState()
const project = useUserProject('development-data')

beforeAll(() => {
  const recipe = `@LP_CONFIG=development exec '${process.execPath}' '${inject('installedCommand')}' --format json`
  project.write('Makefile', `run:\n\t${recipe}\n`)
})

interface MakeRun {
  readonly url: string
  /** As the terminal does it: the signal goes to make and to the command. */
  interrupt(): Promise<string>
}

async function makeRun(): Promise<MakeRun> {
  const make: Started = startProcess(['make', 'run'], { cwd: project.directory, detached: true })
  await make.said('everything is ready')
  const env = await project.run(['env', '--format', 'json'])
  return {
    url: (JSON.parse(env.stdout) as Record<string, string>).LP_DB_URL ?? '',
    interrupt: async () => {
      process.kill(-make.pid, 'SIGINT')
      return (await make.ended).stderr
    },
  }
}

async function query(url: string, text: string): Promise<unknown[]> {
  const client = new pg.Client(url)
  await client.connect()
  try {
    return (await client.query({ text, rowMode: 'array' })).rows.flat()
  } finally {
    await client.end()
  }
}

test('make run holds the configured instance until SIGINT, and keeps its data', async () => {
  const first = await makeRun()
  await query(first.url, "CREATE TABLE note AS SELECT 'kept' AS text")
  const said = await first.interrupt()
  expect(said).toContain('db is stopped')
  expect(said).not.toMatch(/^ +at /m)
  await expectNothingLeft(stateDirectory)
  expect(existsSync(join(project.directory, '.data/db'))).toBe(true)

  const second = await makeRun()
  expect(await query(second.url, 'SELECT text FROM note')).toEqual(['kept'])
  await second.interrupt()
  await expectNothingLeft(stateDirectory)
})

const repository = fileURLToPath(new URL('../..', import.meta.url))
/** The fixed ports of the profile `development` in test-services.config.ts. */
const fixedPorts = [15432, 15480]
const dataDirectories = ['.data/postgres', '.data/librarian'].map((name) => join(repository, name))

/** Whether somebody listens there. */
function isTaken(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const settle = (socket: Socket, taken: boolean): void => {
      socket.destroy()
      resolve(taken)
    }
    const socket = connect(port, '127.0.0.1')
    socket.on('connect', () => settle(socket, true)).on('error', () => settle(socket, false))
  })
}

async function takenPorts(): Promise<number[]> {
  const taken = await Promise.all(fixedPorts.map(isTaken))
  return fixedPorts.filter((_, index) => taken[index])
}

/** Removes at the end what is not there yet; data of a developer is kept. */
function removeMade(): () => void {
  const data = join(repository, '.data')
  const hadData = existsSync(data)
  const made = dataDirectories.filter((directory) => !existsSync(directory))
  return () => {
    for (const directory of made) rmSync(directory, { recursive: true, force: true })
    if (!hadData && existsSync(data)) rmdirSync(data)
  }
}

test("the repository's own make run holds the development instances until SIGINT", async ({ skip, onTestFinished }) => {
  const taken = await takenPorts()
  skip(taken.length > 0, `somebody has port ${taken.join(', ')}`)
  onTestFinished(removeMade())
  const home = mkdtempSync(join(tmpdir(), 'ts-home-'))
  onTestFinished(() => rmSync(home, { recursive: true, force: true }))
  // What is installed stays as it is, whichever file is newer.
  const argv = ['make', '-o', 'node_modules/.package-lock.json', 'run']
  const env = { HOME: home, LP_CONFIG: 'development' }
  const make = startProcess(argv, { cwd: repository, detached: true, env })
  onTestFinished(async () => {
    if (make.child.exitCode === null && make.child.signalCode === null) process.kill(-make.pid, 'SIGINT')
    await make.ended
  })
  await make.said('everything is ready')
  expect(await takenPorts()).toEqual(fixedPorts)
  expect(dataDirectories.map(existsSync)).toEqual([true, true])
  process.kill(-make.pid, 'SIGINT')
  const { stdout, stderr } = await make.ended
  expect(stdout).toContain('15432')
  expect(stderr).toMatch(/postgres is stopped/)
  expect(stderr).toMatch(/librarian is stopped/)
  expect(stderr).not.toMatch(/^ +at /m)
  await expectNothingLeft(stateDirectory)
  expect(await takenPorts()).toEqual([])
}, 120_000)
