import { type ChildProcess, spawn } from 'node:child_process'
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmdirSync,
  statSync,
  symlinkSync,
} from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { afterAll, afterEach, beforeAll, expect } from 'vitest'
import { identify, isAlive, type ProcessIdentity } from '../../src/process/inspect/identity.ts'
import { unlessUnreadable } from '../../src/process/inspect/unless-unreadable.ts'
import { readJournal } from '../../src/run/journal.ts'
import { runPaths } from '../../src/run/run-paths.ts'
import { instanceVariable, readRunRecord, runVariable } from '../../src/run/run-record.ts'
import { contractNames } from '../../src/testing/case-directory.ts'
import { entriesLeft, untilEmpty } from '../../src/testing/leftovers.ts'
import { neighbours, processesLeft, processesOf, stateNames, useCleanState } from './left-nothing.ts'
import { type StartedProgram, startProgram } from './program.ts'

/** A place for faults: whatever the product makes is made here, and people who have nothing to do with it live here. */
export interface FaultGround {
  readonly stateDirectory: string
  /**
   * Called when everything is there that is to go: remembers it, and starts bystanders that look like it. Of what comes
   * later only what has a mark, or lies in a known place, would be found.
   *
   * @param state where the runs are. Default: the ground's own state directory
   */
  witness(state?: string): Witness
}

interface Witness {
  /** What was ours. */
  readonly processes: readonly ProcessIdentity[]
  /**
   * Waits until no process, listener, run, claim, temporary directory, control group, shared memory segment or file in
   * `/dev/shm` is left; throws naming what is, 5 s later, or the bystander that has died.
   */
  expectNothingLeft(): Promise<void>
  expectBystandersAlive(): void
}

/** Call it in the place of `useCleanState`, before any other hook of the file. */
export function useFaultGround(): FaultGround {
  const { stateDirectory } = useCleanState()
  const temporary = join(stateDirectory, 'tmp')
  const { TMPDIR } = process.env
  const residents: ChildProcess[] = []
  let memory: ReadonlySet<string> = new Set()
  beforeAll(() => {
    mkdirSync(temporary)
    process.env.TMPDIR = temporary
    memory = new Set(sharedMemory(stateDirectory))
    for (const name of ['redis-server', 'epmd']) residents.push(startResident(temporary, name))
  })
  // What a test that failed has left is not the next one's.
  afterEach(() => {
    for (const { pid } of processesOf(stateDirectory)) process.kill(pid, 'SIGKILL')
  })
  afterAll(() => {
    for (const resident of residents) resident.kill('SIGKILL')
    if (TMPDIR === undefined) delete process.env.TMPDIR
    else process.env.TMPDIR = TMPDIR
  })
  const witness = (state = stateDirectory): Witness => {
    const processes = processesOf(state)
    const listeners = listenersOf(processes)
    const groups = controlGroups(state)
    const lookalikes = startLookalikes(state)
    const pids = [...residents, ...lookalikes].map(({ pid }) => pid ?? -1)
    const bystanders = pids.flatMap((pid) => identify(pid) ?? [])
    expect(bystanders).toHaveLength(pids.length)
    const states = [...new Set([stateDirectory, state])]
    // The cheap ones first.
    const looks = [
      () => states.flatMap(entriesLeft),
      () => processes.filter(isAlive).map(({ pid }) => `process ${pid}, without a mark`),
      () => groups.filter((path) => existsSync(path)),
      () => readdirSync(temporary).filter((name) => /^(ts|test-services)-/.test(name)),
      () => socketsListening().filter((socket) => listeners.has(socket)),
      () => states.flatMap(processesLeft),
      () => sharedMemory(stateDirectory).filter((name) => !memory.has(name)),
    ]
    const expectBystandersAlive = (): void => expect(bystanders.filter((one) => !isAlive(one))).toEqual([])
    const expectNothingLeft = async (): Promise<void> => {
      await untilEmpty(looks)
      expectBystandersAlive()
      // Those of one witness are not to slow down what the next one watches.
      bystanders.splice(residents.length)
      await Promise.all(lookalikes.splice(0).map((one) => one.kill()))
    }
    return { processes, expectNothingLeft, expectBystandersAlive }
  }
  return { stateDirectory, witness }
}

/** In CI, where we are root and have what every test needs, no test is skipped. */
export function expectSkippable(reason: string): void {
  if (process.env.CI && process.getuid?.() === 0) throw new Error(`CI skips nothing: ${reason}`)
}

/** A server of somebody else that has the name of one that fixtures start. */
function startResident(directory: string, name: string): ChildProcess {
  const program = join(directory, name)
  symlinkSync(process.execPath, program)
  const script = `require('node:net').createServer().listen(0, '127.0.0.1')`
  return spawn(program, ['-e', script], { cwd: '/', env: {}, stdio: 'ignore', detached: true })
}

/** Those that resemble what a run, or one of its instances, has started. */
function startLookalikes(stateDirectory: string): StartedProgram[] {
  const runs = runPaths.runs(stateDirectory)
  return list(runs).flatMap((id) => {
    const instances = list(join(runs, id)).filter((name) => /-\d+$/.test(name))
    const ofInstances = instances.map((name) => startLookalike(instanceVariable, `${id}.${name}`))
    return [startNeighbour(join(runs, id)), startLookalike(runVariable, id), ...ofInstances]
  })
}

/** Has the mark in its arguments, in another variable, in a longer name, and as the beginning of a longer value. */
function startLookalike(variable: string, value: string): StartedProgram {
  const mark = `${variable}=${value}`
  const env = { PATH: process.env.PATH, X: mark, [`X${variable}`]: value, [variable]: `${value}x` }
  return startProgram(['sh', '-c', 'read -r line', mark], { cwd: '/', env })
}

/** Works in a directory whose name begins like ours, and which is gone again: a sweep takes it for no run. */
function startNeighbour(directory: string): StartedProgram {
  const cwd = `${directory}x`
  mkdirSync(cwd)
  const started = startProgram(['sleep', '600'], { cwd, env: { PATH: process.env.PATH } })
  rmdirSync(cwd)
  neighbours.add(started.pid)
  return started
}

function controlGroups(stateDirectory: string): string[] {
  const runs = runPaths.runs(stateDirectory)
  const records = list(runs).map((id) => readRunRecord(join(runs, id)))
  return records.flatMap((record) => (typeof record === 'object' && record.controlGroup ? [record.controlGroup] : []))
}

/** The TCP sockets on which one of these listens. */
function listenersOf(processes: readonly ProcessIdentity[]): ReadonlySet<string> {
  const open = new Set(processes.flatMap(({ pid }) => linksIn(`/proc/${pid}/fd`)))
  return new Set(socketsListening().filter((socket) => open.has(socket)))
}

/** @see proc_pid_net(5): column 4 is the state, 10 the inode */
function socketsListening(): string[] {
  const tables = ['/proc/net/tcp', '/proc/net/tcp6']
  const lines = tables.flatMap((table) => (unlessUnreadable(() => readFileSync(table, 'latin1')) ?? '').split('\n'))
  const rows = lines.map((line) => line.trim().split(/\s+/))
  return rows.filter((row) => row[3] === '0A').map((row) => `socket:[${row[9]}]`)
}

/**
 * SysV segments and files in memory that nobody uses, and that no run of another test file answers for: those of others
 * that run meanwhile are in use, and so are ours while a process of ours lives, which is looked at beforehand.
 */
function sharedMemory(stateDirectory: string): string[] {
  const rows = readFileSync('/proc/sysvipc/shm', 'latin1').trim().split('\n').slice(1)
  const segments = rows.map((row) => row.trim().split(/\s+/)).filter((row) => row[6] === '0' && mayBeOurs(row[7]))
  const inMemory = '/dev/shm'
  const files = list(inMemory).flatMap((name) =>
    name.startsWith('test-services-open-') ? list(join(inMemory, name)).map((inner) => join(name, inner)) : [name],
  )
  const named = files.filter((name) => ourNames.test(name)).map((name) => join(inMemory, name))
  const answered = named.length > 0 ? directoriesOfOthers(stateDirectory) : named
  const paths = named.filter((path) => !answered.includes(path))
  const used = paths.length > 0 ? pathsInUse() : ''
  const free = paths.filter((path) => mayBeOurs(unlessUnreadable(() => statSync(path).uid)) && !used.includes(path))
  const mapped = paths.filter((path) => used.includes(path) && path.includes(segmentName))
  const unused = free.filter((path) => !mapped.some((control) => isListed(path, control)))
  return [...segments.map((row) => `segment ${row[1]}`), ...unused]
}

/** Of Postgres's own shared memory. */
const segmentName = 'PostgreSQL.'
/** Of data placed in memory, and of Postgres's own shared memory. */
const ourNames = /^(test-services-([a-z0-9]+$|open-)|PostgreSQL\.)/

/**
 * Whether a segment belongs to a server whose control segment is in use. A segment of statistics is mapped by nobody
 * while no client is connected; the control segment contains the numbers of all others.
 *
 * @see dsm_control_header in Postgres' src/backend/storage/ipc/dsm.c
 */
function isListed(path: string, control: string): boolean {
  const number = Buffer.alloc(4)
  number.writeUInt32LE(Number(path.split(segmentName)[1] ?? 0) >>> 0)
  return unlessUnreadable(() => readFileSync(control))?.includes(number) ?? false
}

/** Root's services may run as another user; what others use only root can see. */
function mayBeOurs(uid: string | number | undefined): boolean {
  const own = process.getuid?.()
  return uid !== undefined && (own === 0 || Number(uid) === own)
}

/** What the runs of other test files have made and not removed: nobody uses the data of a server that is to start yet. */
function directoriesOfOthers(stateDirectory: string): string[] {
  const around = dirname(stateDirectory)
  const states = list(around)
    .filter((name) => name !== basename(stateDirectory))
    .flatMap((name) => statesIn(join(around, name)))
  const kinds = states.flatMap((state) => [runPaths.runs, runPaths.reaping].map((kind) => kind(state)))
  const runs = kinds.flatMap((kind) => list(kind).map((id) => join(kind, id)))
  const resources = runs.flatMap((run) => unlessUnreadable(() => readJournal(runPaths.journal(run))) ?? [])
  return resources.flatMap((resource) => ('path' in resource ? [resource.path] : []))
}

/** The state directory of a test file, or those of the cases of a contract. */
function statesIn(path: string): string[] {
  const name = basename(path)
  if (name.startsWith(stateNames)) return [path]
  return name.startsWith(contractNames) ? list(path).map((of) => join(path, of, 'state')) : []
}

/** What any process works in, has open, or has mapped. */
function pathsInUse(): string {
  const pids = list('/proc').filter((name) => /^\d+$/.test(name))
  const paths = pids.map((pid) => [
    unlessUnreadable(() => readlinkSync(`/proc/${pid}/cwd`)),
    ...linksIn(`/proc/${pid}/fd`),
    unlessUnreadable(() => readFileSync(`/proc/${pid}/maps`, 'latin1')),
  ])
  return paths.flat().join('\n')
}

function linksIn(directory: string): string[] {
  return list(directory).flatMap((name) => unlessUnreadable(() => readlinkSync(join(directory, name))) ?? [])
}

function list(directory: string): string[] {
  return unlessUnreadable(() => readdirSync(directory)) ?? []
}
