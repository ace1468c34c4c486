import type { SpawnOptions } from 'node:child_process'
import {
  appendFileSync,
  chmodSync,
  chownSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { afterEach, beforeAll, describe, expect, test } from 'vitest'
import { listHolders } from '../../src/helper/holder-record.ts'
import { identify, isAlive, type ProcessIdentity } from '../../src/process/inspect/identity.ts'
import { readProcFile } from '../../src/process/inspect/proc-file.ts'
import { runPaths } from '../../src/run/run-paths.ts'
import { createDeadRun } from '../run/dead-run.ts'
import { eventually } from '../support/eventually.ts'
import { useFaultGround } from '../support/fault-ground.ts'
import { startProgram } from '../support/program.ts'
import { useUserProject } from '../support/user-project.ts'
import { commandLine, killWithGuardian, namesIn, useHolders } from './holders.ts'

const ground = useFaultGround()
const { hold, run } = useHolders()
const { stateDirectory } = ground

function bystander(): ProcessIdentity {
  const identity = identify(startProgram(['sleep', '600'], { cwd: '/', env: { PATH: process.env.PATH } }).pid)
  if (!identity) throw new Error('it has ended')
  return identity
}

const served = (identity: ProcessIdentity) =>
  ({ kind: 'process', label: 'SERVED', identity, ladder: [{ signal: 'SIGTERM', graceMs: 1_000 }] }) as const

describe('a state directory', () => {
  const around = join(stateDirectory, 'around')
  const temporary = join(around, 'tmp')
  const mark = `STARTED_FROM=${around}`
  const project = useUserProject('noticed')
  beforeAll(() => mkdirSync(temporary, { recursive: true }))
  afterEach(() => {
    for (const pid of startedFrom(mark)) process.kill(pid, 'SIGKILL')
  })

  /** For a command that has its home, cache and temporary directory here, and is known by its mark. */
  const environmentOf = (path: string): NodeJS.ProcessEnv => ({
    LP_STATE_DIR: path,
    HOME: around,
    XDG_CACHE_HOME: undefined,
    XDG_STATE_HOME: undefined,
    TMPDIR: temporary,
    STARTED_FROM: around,
  })
  const traces = () => ({
    processes: startedFrom(mark),
    files: [around, project.directory].map(filesBelow),
  })

  test('that is ours is used, which leaves the traces that are looked for here', async () => {
    const before = traces()
    const options: SpawnOptions = { env: environmentOf(join(around, 'ours')), stdio: ['pipe', 'pipe', 'pipe'] }
    const held = project.start(['exec', '--', 'sh', '-c', 'echo runs >&2; read -r end || exit 0'], options)
    await held.said('runs')
    const { processes, files } = traces()
    const kinds = ['test-services\0exec', 'test-services-guardian', 'sleep', 'read -r end']
    const lines = processes.map(commandLine)
    expect(kinds.filter((kind) => !lines.some((line) => line.includes(kind)))).toEqual([])
    expect(files[0]).toContainEqual(expect.stringMatching(/^ours\/runs\/\w+\/journal/))
    expect(files[0]).toContainEqual(expect.stringMatching(/^tmp\/test-services-session-/))
    expect(files[1]).toContainEqual(expect.stringMatching(/^started /))
    held.child.stdin?.end()
    expect((await held.ended).code).toBe(0)
    rmSync(join(project.directory, 'started'))
    rmSync(join(around, 'ours'), { recursive: true })
    await eventually('all is as before', () => isDeepStrictEqual(traces(), before))
  })

  const damages: Record<string, (path: string) => void> = {
    'that is a symbolic link': (path) => {
      mkdirSync(`${path}-target`, { mode: 0o700 })
      symlinkSync(`${path}-target`, path)
    },
    'that others can write to': (path) => {
      mkdirSync(path)
      chmodSync(path, 0o777)
    },
    'that is somebody else’s': (path) => {
      mkdirSync(path, { mode: 0o700 })
      chownSync(path, 12_345, 12_345)
    },
    'that is a file': (path) => writeFileSync(path, ''),
    'in which nothing can be made': () => {},
  }

  test.for(Object.keys(damages))('%s is refused, and nothing is started or made anywhere', async (what, { skip }) => {
    skip(what.includes('somebody') && process.getuid?.() !== 0, 'only root can give a directory to somebody else')
    const path = what.startsWith('in which') ? '/proc/state' : join(around, `state ${what}`)
    damages[what]?.(path)
    const witness = ground.witness()
    const before = traces()
    const env = environmentOf(path)
    const commands = [['exec', '--', 'touch', 'ran'], ['--daemonise'], ['start']]
    const started = await Promise.all(commands.map((argv) => project.run(argv, { env })))
    expect(started).toMatchObject([
      { code: 125, stdout: '' },
      { code: 1, stdout: 'false;\n' },
      { code: 1, stdout: 'false;\n' },
    ])
    for (const { stderr } of started) expect(stderr.match(/the state directory .* is refused/g)).toHaveLength(1)
    expect(traces()).toEqual(before)
    await witness.expectNothingLeft()
  })
})

/** With owner and mode, so that nothing is put right either. */
function filesBelow(directory: string): string[] {
  const paths = readdirSync(directory, { recursive: true, encoding: 'utf8' }).sort()
  return paths.map((path) => {
    const { uid, mode } = lstatSync(join(directory, path))
    return `${path} ${uid} ${mode.toString(8)}`
  })
}

/** The pids of those that have this in their environment. */
function startedFrom(variable: string): number[] {
  const pids = namesIn('/proc').filter((name) => /^\d+$/.test(name))
  return pids.filter((pid) => readProcFile(`/proc/${pid}/environ`)?.split('\0').includes(variable)).map(Number)
}

describe('a sweep', () => {
  test('quarantines a run whose record is garbage, and kills and removes nothing', async () => {
    const process = bystander()
    const victim = join(stateDirectory, 'not ours')
    mkdirSync(victim)
    const { directory, id } = createDeadRun(stateDirectory, [served(process), { kind: 'directory', path: victim }])
    writeFileSync(runPaths.record(directory), '{"id": "run", \0 garbage')
    const witness = ground.witness()
    const swept = await run(['sweep'])
    expect(swept).toMatchObject({ code: 1, stdout: expect.stringContaining('left the damaged record') })
    expect(namesIn(runPaths.quarantine(stateDirectory))).toEqual([expect.stringContaining(id)])
    expect([isAlive(process), readdirSync(dirname(victim)).includes('not ours')]).toEqual([true, true])
    expect(await run(['sweep'])).toMatchObject({ code: 1, stdout: expect.stringContaining('in quarantine: ') })
    rmSync(runPaths.quarantine(stateDirectory), { recursive: true })
    expect(await run(['sweep'])).toMatchObject({ code: 0, stdout: 'nothing was left behind\n' })
    await witness.expectNothingLeft()
  })

  test('kills nobody for a run of another boot, and removes its files', async () => {
    const alive = bystander()
    const other = { ...alive, bootId: 'another-boot' }
    const file = join(stateDirectory, 'of another boot')
    mkdirSync(file)
    createDeadRun(stateDirectory, [served(other), { kind: 'directory', path: file }], { holder: other })
    const witness = ground.witness()
    expect((await run(['sweep'])).code).toBe(0)
    expect([isAlive(alive), readdirSync(dirname(file)).includes('of another boot')]).toEqual([true, false])
    await witness.expectNothingLeft()
  })

  test('kills nobody who has got the pid of a service', async () => {
    const alive = bystander()
    createDeadRun(stateDirectory, [served({ ...alive, startTime: '1' })])
    const witness = ground.witness()
    expect((await run(['sweep'])).code).toBe(0)
    expect(isAlive(alive)).toBe(true)
    await witness.expectNothingLeft()
  })

  test.each([
    ['is torn', 'nothing', (path: string) => appendFileSync(path, '\n{"id":99,"made":{"kind":"proc')],
    ['was cut short', 'two directories', (path: string) => truncateSync(path, 100)],
    ['is gone', 'two directories', (path: string) => truncateSync(path, 0)],
  ])('finds all that lives when the end of the journal %s, and leaves %s', async (_, left, damage) => {
    const held = await hold('exec')
    const witness = ground.witness()
    const [id = ''] = namesIn(runPaths.runs(stateDirectory))
    const [{ controlSocket } = { controlSocket: '' }] = listHolders(stateDirectory)
    await killWithGuardian(held)
    damage(runPaths.journal(join(runPaths.runs(stateDirectory), id)))
    expect((await run(['sweep'])).code).toBe(0)
    // The working directory of the session and that of its control socket, of which nothing but the journal knew.
    const control = basename(dirname(controlSocket))
    const lost = namesIn(tmpdir()).filter((name) => name.startsWith('test-services-session-') || name === control)
    expect(lost).toHaveLength(left === 'nothing' ? 0 : 2)
    for (const name of lost) rmSync(join(tmpdir(), name), { recursive: true })
    await witness.expectNothingLeft()
  })
})
