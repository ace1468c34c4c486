import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, readlinkSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { valueUnless } from '../../src/kernel/value-unless.ts'
import { identify } from '../../src/process/inspect/identity.ts'
import { readProcessTable, withDescendants } from '../../src/process/inspect/process-table.ts'
import { runPaths } from '../../src/run/run-paths.ts'
import { type RunRecord, readRunRecord } from '../../src/run/run-record.ts'
import { sweep } from '../../src/run/sweep.ts'
import { eventually } from '../support/eventually.ts'
import { expectNothingLeft, useCleanState } from '../support/left-nothing.ts'
import { programArgv, type StartedProgram, startProgram } from '../support/program.ts'
import { cases, repeats } from '../support/repeats.ts'

const { stateDirectory } = useCleanState()
/** Socket directories of the holders are made here, so that a lost one is seen. */
const temporary = join(stateDirectory, 'tmp')

interface Held {
  readonly run: string
  readonly directory: string
  readonly claim: string
  readonly sockets: string
  readonly pid: number
}

interface Holder extends StartedProgram {
  held(): Promise<Held>
}

const service = programArgv('ignores-sigterm.sh')

function startHolder(environment: Record<string, string> = {}, program = 'holder-that-waits.ts'): Holder {
  mkdirSync(temporary, { recursive: true })
  const env = { ...process.env, TMPDIR: temporary, ...environment }
  const holder = startProgram(programArgv(program, ...service), { env })
  return { ...holder, held: async () => JSON.parse((await holder.line()) && (await holder.line())) as Held }
}

/** The guardians below a holder that wait; their arguments begin with the shell's script. */
function guardiansOf(holder: StartedProgram): number[] {
  const pids = withDescendants([holder.pid], readProcessTable())
  return [...pids].filter((pid) => commandLine(pid).includes('test-services-guardian'))
}

function commandLine(pid: number): string {
  return existsSync(`/proc/${pid}/cmdline`) ? readFileSync(`/proc/${pid}/cmdline`, 'latin1') : ''
}

async function expectAllGone(held?: Held): Promise<void> {
  await expectNothingLeft(stateDirectory)
  expect(readdirSync(temporary).filter((name) => name.startsWith('ts-'))).toEqual([])
  if (held) expect(identify(held.pid)).toBeUndefined()
}

test('a holder whose damaged record was put aside by another start leaves nothing', async () => {
  const holder = startHolder()
  const held = await holder.held()
  const directory = join(runPaths.runs(stateDirectory), held.run)
  writeFileSync(runPaths.record(directory), 'garbage')
  expect(await sweep(stateDirectory)).toMatchObject([{ id: held.run }])
  expect([existsSync(directory), identify(held.pid)?.pid]).toEqual([false, held.pid])
  await holder.kill()
  await expectAllGone(held)
})

test('a holder without its state directory leaves no process and no control group', async () => {
  const state = join(stateDirectory, 'removed')
  const holder = startHolder({ LP_STATE_DIR: state })
  const held = await holder.held()
  const { controlGroup = '/none' } = readRunRecord(join(runPaths.runs(state), held.run)) as RunRecord
  for (const path of [state, held.sockets]) rmSync(path, { recursive: true })
  await holder.kill()
  await eventually('the service is gone', () => identify(held.pid) === undefined)
  await eventually('the control group is gone', () => !existsSync(controlGroup))
  expect(existsSync(state)).toBe(false)
})

test.each<NodeJS.Signals>(cases(['SIGKILL', 'SIGTERM'], ['SIGINT', 'SIGHUP', 'SIGQUIT']))(
  'a holder that ends by %s leaves nothing',
  async (signal) => {
    const holder = startHolder()
    const held = await holder.held()
    expect([existsSync(held.directory), existsSync(held.sockets), identify(held.pid)?.pid]).toEqual([
      true,
      true,
      held.pid,
    ])
    await holder.kill(signal)
    await expectAllGone(held)
  },
)

const instants = repeats(2, 20)

test(`a holder killed at ${instants} random instants of its start-up leaves nothing`, {
  timeout: 180_000,
}, async () => {
  const first = startHolder()
  await first.line()
  const startedAt = performance.now()
  await first.line()
  const tookMs = performance.now() - startedAt
  await first.kill()
  for (let round = 0; round < instants; round++) {
    const holder = startHolder()
    await holder.line()
    await pause(Math.random() * tookMs * 1.1)
    await holder.kill()
    await expectAllGone()
  }
})

test('a guardian that is killed is replaced, and the new one cleans up', async () => {
  const holder = startHolder()
  const held = await holder.held()
  for (let round = 0; round < 3; round++) {
    const [pid = -1] = await eventually(
      'there is one guardian',
      () => guardiansOf(holder).length === 1 && guardiansOf(holder),
    )
    process.kill(pid, 'SIGKILL')
    await eventually('it is another one', () => guardiansOf(holder).some((other) => other !== pid))
  }
  await holder.kill()
  await expectAllGone(held)
})

test('the next sweep removes what a holder left that was killed with its guardian', async () => {
  const holder = startHolder()
  const held = await holder.held()
  const [guardian = -1] = guardiansOf(holder)
  process.kill(holder.pid, 'SIGSTOP')
  process.kill(guardian, 'SIGKILL')
  await holder.kill()
  expect(identify(held.pid)).toBeDefined()
  expect(await sweep(stateDirectory)).toMatchObject([{ id: held.run, left: [] }])
  await expectAllGone(held)
})

test('a holder that is stopped is not taken for dead', async () => {
  const holder = startHolder()
  const held = await holder.held()
  process.kill(holder.pid, 'SIGSTOP')
  expect(await sweep(stateDirectory)).toEqual([])
  process.kill(holder.pid, 'SIGCONT')
  expect(identify(held.pid)).toBeDefined()
  await holder.kill()
  await expectAllGone(held)
})

test('a script that forgets to clean up ends by itself, and is cleaned up after', async () => {
  const holder = startHolder({ FORGETS: '1' })
  const held = await holder.held()
  await eventually('the holder ends', () => holder.child.exitCode === 0)
  await expectAllGone(held)
})

test('a run ends with the thread that holds it, while the process goes on', async () => {
  const holder = startHolder({}, 'run-in-a-thread.ts')
  const held = await holder.held()
  holder.child.stdin?.write('end\n')
  expect(await holder.line()).toBe('terminated')
  const runs = runPaths.runs(stateDirectory)
  await eventually('the run is gone', () => readdirSync(runs).length === 0 && identify(held.pid) === undefined)
  expect(identify(holder.pid)?.pid).toBe(holder.pid)
})

test('options for Node in the environment do not reach the sweep', async () => {
  const env = { ...process.env, NODE_OPTIONS: `--require ./preload.cjs`, TMPDIR: temporary }
  const holder = startProgram(programArgv('holder-that-waits.ts', ...service), { env, cwd: preloadDirectory() })
  await holder.line()
  const held = JSON.parse(await holder.line()) as Held
  await holder.kill()
  await expectAllGone(held)
})

function preloadDirectory(): string {
  const directory = join(stateDirectory, 'preload')
  mkdirSync(directory, { recursive: true })
  execFileSync('touch', [join(directory, 'preload.cjs')])
  return directory
}

test('no service inherits the pipe of the guardian', async () => {
  const holder = startHolder()
  const held = await holder.held()
  const [guardian = -1] = guardiansOf(holder)
  const ends = socketsOf(guardian)
  expect(ends).toHaveLength(1)
  // Until it has begun, it is the gate, which has a socket of its own.
  await eventually('the service has no socket of ours', () => socketsOf(held.pid).length === 0)
  await holder.kill()
  await expectAllGone(held)
})

function socketsOf(pid: number): string[] {
  // A descriptor may be closed while the others are read.
  const targetOf = (name: string) => valueUnless(['ENOENT'], () => readlinkSync(`/proc/${pid}/fd/${name}`)) ?? []
  return readdirSync(`/proc/${pid}/fd`)
    .flatMap(targetOf)
    .filter((target) => target.startsWith('socket:'))
}

test('an inner run that is killed with an outer one is cleaned up by its own guardian', async () => {
  mkdirSync(temporary, { recursive: true })
  const surroundings = [`LP_STATE_DIR=${stateDirectory}`, `TMPDIR=${temporary}`]
  const inner = ['env', ...surroundings, ...programArgv('holder-that-waits.ts', ...service)]
  const outer = startProgram(programArgv('holder-that-waits.ts', ...inner), {
    env: { ...process.env, TMPDIR: temporary },
  })
  await outer.line()
  const held = JSON.parse(await outer.line()) as Held
  const runs = (): string[] => readdirSync(runPaths.runs(stateDirectory)).filter((name) => !name.startsWith('.'))
  await eventually(
    'the inner run holds its service',
    () => {
      const pids = [...withDescendants([held.pid], readProcessTable())]
      return runs().length === 2 && pids.some((pid) => commandLine(pid).startsWith('/bin/sh\0/'))
    },
    15_000,
  )
  await outer.kill()
  await expectAllGone(held)
})
