import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { afterEach, describe, expect, onTestFinished, test, vi } from 'vitest'
import type { ExitOnDeath } from '../../src/action/workspace/exit-on-death.ts'
import { tryClaim } from '../../src/host/claim.ts'
import { moduleUrl } from '../../src/host/modules/package-program.ts'
import { currentBootId, identify, ownIdentity, type ProcessIdentity } from '../../src/process/inspect/identity.ts'
import type { Resource } from '../../src/run/journal.ts'
import { acquireRun, releaseRun } from '../../src/run/own-run.ts'
import { runPaths } from '../../src/run/run-paths.ts'
import { sweep, sweepRun } from '../../src/run/sweep.ts'
import { eventually } from '../support/eventually.ts'
import { expectNothingLeft, leftovers, useCleanState } from '../support/left-nothing.ts'
import { programArgv, startProgram } from '../support/program.ts'
import { createDeadRun } from './dead-run.ts'

const { stateDirectory } = useCleanState()
const quarantine = runPaths.quarantine(stateDirectory)

afterEach(() => {
  for (const kind of ['runs', 'reaping', 'quarantine', 'claims'])
    rmSync(join(stateDirectory, kind), { recursive: true, force: true })
})

function requireIdentity(pid: number): ProcessIdentity {
  const identity = identify(pid)
  if (!identity) throw new Error(`there is no process ${pid}`)
  return identity
}

function leaderAt(pid: number, changes: Partial<ProcessIdentity> = {}) {
  return { kind: 'process', label: 'X', identity: { ...requireIdentity(pid), ...changes }, ladder: [] } as const
}

/** The sweep of a process whose clock is ahead. */
async function sweepAhead(ms: number): Promise<typeof sweep> {
  const { now } = Date
  vi.stubGlobal(
    'Date',
    class extends Date {
      static override now = () => now() + ms
    },
  )
  onTestFinished(() => void vi.unstubAllGlobals())
  vi.resetModules()
  return (await import('../../src/run/sweep.ts')).sweep
}

describe('a dead holder’s run', () => {
  test('is removed with its processes, directories and claims, which are reported', async () => {
    const service = startProgram(['sleep', '600'], { detached: true })
    const directory = join(stateDirectory, 'outside')
    const claim = join(runPaths.claims(stateDirectory), 'port-1')
    mkdirSync(join(directory, 'full'), { recursive: true })
    const run = createDeadRun(stateDirectory, [
      leaderAt(service.pid),
      { kind: 'directory', path: directory },
      { kind: 'claim', path: claim },
    ])
    tryClaim(claim, run.id)
    const marked = run.startMarked('sleep', '600')
    const found = [`process ${service.pid} (X)`, `directory ${directory}`, `claim ${claim}`]
    expect(await sweep(stateDirectory, { dryRun: true })).toEqual([{ id: run.id, found, left: [] }])
    expect(identify(service.pid)).toBeDefined()
    expect(await sweep(stateDirectory)).toEqual([{ id: run.id, found, left: [] }])
    expect([identify(service.pid), identify(marked.pid), existsSync(directory)]).toEqual([undefined, undefined, false])
    expect(leftovers(stateDirectory)).toEqual([])
  })

  test('is ended within seconds, whatever grace its services would have', async () => {
    const service = startProgram(programArgv('ignores-sigterm.sh'), { detached: true })
    await service.line()
    const ladder = [{ signal: 'SIGTERM', graceMs: 600_000 }] as const
    createDeadRun(stateDirectory, [{ ...leaderAt(service.pid), ladder }])
    expect(await sweep(stateDirectory)).toMatchObject([{ left: [] }])
    expect(identify(service.pid)).toBeUndefined()
  })

  test('is begun in its turn however slow others are; what is late is named', async () => {
    const directory = join(stateDirectory, 'exits')
    const log = join(stateDirectory, 'exits.log')
    const exits = ['first', 'second', 'third'].map((name): Resource => {
      const argv = ['sh', '-c', `echo ${name} >> ${log}; ${name === 'second' ? 'true' : 'exec sleep 600'}`]
      const environment = { PATH: process.env.PATH ?? '' }
      const own = { directory, sessionDirectory: directory, filesDirectory: '', files: [], owner: undefined }
      const data: ExitOnDeath = { argv, environment, ...own }
      return { kind: 'reclaim', module: moduleUrl('action-exit-reclaim'), data, label: name }
    })
    mkdirSync(directory)
    createDeadRun(stateDirectory, exits)
    // Compiled here once: a busy machine takes longer for that than an exit may take.
    await import(moduleUrl('action-exit-reclaim'))
    const startedAt = performance.now()
    const [swept] = await sweep(stateDirectory)
    expect(performance.now() - startedAt).toBeLessThan(5_000)
    expect(readFileSync(log, 'utf8')).toBe('third\nsecond\nfirst\n')
    const named = swept?.left.map((line) => line.replace(/\d+/, 'N'))
    expect(named).toEqual(['third (its onExit took longer than N ms)', 'first (its onExit took longer than N ms)'])
    rmSync(directory, { recursive: true })
    await sweep(stateDirectory)
  })

  test('is undone by the module that it names', async () => {
    const module = join(stateDirectory, 'undo.mjs')
    writeFileSync(module, `import { rmSync } from 'node:fs'; export const reclaim = async ({ path }) => rmSync(path)`)
    writeFileSync(join(stateDirectory, 'slice'), '')
    const data = { path: join(stateDirectory, 'slice') }
    createDeadRun(stateDirectory, [{ kind: 'reclaim', module: pathToFileURL(module).href, data }])
    expect(await sweep(stateDirectory)).toMatchObject([{ left: [] }])
    expect(existsSync(data.path)).toBe(false)
  })

  test('stays on record with what could not be removed, until a sweep can', async () => {
    const module = fileURLToPath(new URL('../programs/fails-to-reclaim-once.mjs', import.meta.url))
    const gate = join(stateDirectory, 'gate')
    const run = createDeadRun(stateDirectory, [{ kind: 'reclaim', module: pathToFileURL(module).href, data: gate }])
    expect(await sweep(stateDirectory)).toMatchObject([{ id: run.id, left: [`what ${module} removes (not yet)`] }])
    writeFileSync(gate, '')
    expect(await sweep(stateDirectory)).toMatchObject([{ id: run.id, left: [] }])
    expect(leftovers(stateDirectory)).toEqual([])
  })

  test('that could not be read is not kept from the next sweep, of whichever process', async () => {
    const run = createDeadRun(stateDirectory, [])
    const marked = run.startMarked('sleep', '600')
    const journal = runPaths.journal(run.directory)
    rmSync(journal)
    mkdirSync(journal)
    expect(await sweep(stateDirectory)).toMatchObject([{ id: run.id, left: [expect.stringContaining('EISDIR')] }])
    rmSync(journal, { recursive: true })
    expect(await sweep(stateDirectory)).toMatchObject([{ id: run.id, left: [] }])
    expect(identify(marked.pid)).toBeUndefined()
  })

  test('that a thread of this process claimed and did not finish is free after a while', async () => {
    const run = createDeadRun(stateDirectory, [])
    const { pid, startTime } = ownIdentity()
    mkdirSync(runPaths.reaping(stateDirectory))
    renameSync(run.directory, join(runPaths.reaping(stateDirectory), `${run.id}@${pid}-${startTime}`))
    expect(await sweep(stateDirectory)).toEqual([])
    const later = await sweepAhead(31_000)
    expect(await later(stateDirectory)).toMatchObject([{ id: run.id, left: [] }])
  })

  test('is tried again by its guardian until nothing is left', async () => {
    const module = join(stateDirectory, 'fails-twice.mjs')
    writeFileSync(
      module,
      `let calls = 0
      export const reclaim = async () => { if (++calls < 3) throw new Error('is being stopped') }`,
    )
    const run = createDeadRun(stateDirectory, [{ kind: 'reclaim', module: pathToFileURL(module).href, data: 'slice' }])
    expect(await sweepRun(stateDirectory, run.id)).toEqual({ id: run.id, found: [`what ${module} removes`], left: [] })
    expect(leftovers(stateDirectory)).toEqual([])
  })

  test('is removed, not quarantined, when a service makes its directory again', async () => {
    const run = createDeadRun(stateDirectory, [])
    const ladder = [{ signal: 'SIGTERM', graceMs: 500 }] as const
    const service = startProgram(programArgv('makes-a-directory-again.sh', join(run.directory, 'library-1/files')), {
      detached: true,
    })
    await service.line()
    const made = { ...leaderAt(service.pid), ladder }
    writeFileSync(runPaths.journal(run.directory), JSON.stringify({ id: 1, made }))
    const claimed = sweep(stateDirectory)
    await eventually('it is made again', () => existsSync(run.directory))
    expect(await sweep(stateDirectory)).toEqual([])
    expect(await claimed).toMatchObject([{ id: run.id, left: [] }])
    expect([leftovers(stateDirectory), existsSync(quarantine)]).toEqual([[], false])
  })

  test('that was about to make a directory loses it only if it is empty', async () => {
    const foreign = join(stateDirectory, 'foreign')
    const own = join(stateDirectory, 'empty')
    for (const path of [join(foreign, 'file'), own]) mkdirSync(path, { recursive: true })
    createDeadRun(stateDirectory, [
      { kind: 'intended-directory', path: foreign },
      { kind: 'intended-directory', path: own },
    ])
    expect(await sweep(stateDirectory)).toMatchObject([{ left: [] }])
    expect([existsSync(join(foreign, 'file')), existsSync(own)]).toEqual([true, false])
  })

  test('does not take the claim that another one has got since', async () => {
    const run = await acquireRun()
    onTestFinished(() => releaseRun(run))
    const claim = run.tryClaim('port-2')
    createDeadRun(stateDirectory, [{ kind: 'claim', path: claim?.value ?? '' }])
    await sweep(stateDirectory)
    expect(readdirSync(runPaths.claims(stateDirectory))).toEqual(['port-2'])
    await claim?.release()
  })

  test('is gone with its claim when a power failure left nothing else', async () => {
    tryClaim(join(runPaths.claims(stateDirectory), 'port-3'), 'nobodyanymore')
    await sweep(stateDirectory)
    expect(readdirSync(runPaths.claims(stateDirectory))).toEqual([])
  })

  test('is swept when the last line of its journal is torn', async () => {
    const service = startProgram(['sleep', '600'], { detached: true })
    const run = createDeadRun(stateDirectory, [leaderAt(service.pid)])
    writeFileSync(runPaths.journal(run.directory), '{"id":9,"made":{"ki', { flag: 'a' })
    expect(await sweep(stateDirectory)).toMatchObject([{ left: [] }])
    expect(identify(service.pid)).toBeUndefined()
  })
})

describe('nobody else is touched', () => {
  test('a recorded pid that somebody else has now lives', async () => {
    const bystander = startProgram(['sleep', '600'], { detached: true })
    createDeadRun(stateDirectory, [leaderAt(bystander.pid, { startTime: '2' })])
    expect(await sweep(stateDirectory)).toMatchObject([{ left: [] }])
    expect(identify(bystander.pid)).toBeDefined()
  })

  test('after a reboot no process is ended, and files are removed', async () => {
    const bystander = startProgram(['sleep', '600'], { detached: true })
    const directory = join(stateDirectory, 'rebooted')
    mkdirSync(directory)
    const bootId = 'another-boot/pid:[1]'
    const run = createDeadRun(
      stateDirectory,
      [leaderAt(bystander.pid, { bootId }), { kind: 'directory', path: directory }],
      { holder: { ...ownIdentity(), bootId } },
    )
    const marked = run.startMarked('sleep', '600')
    expect(await sweep(stateDirectory)).toMatchObject([{ id: run.id, left: [] }])
    expect([identify(bystander.pid)?.pid, identify(marked.pid)?.pid]).toEqual([bystander.pid, marked.pid])
    expect([existsSync(directory), readdirSync(runPaths.runs(stateDirectory))]).toEqual([false, []])
  })

  test('a living holder’s run stays', async () => {
    const run = createDeadRun(stateDirectory, [], { holder: ownIdentity() })
    expect(await sweep(stateDirectory)).toEqual([])
    expect(existsSync(run.directory)).toBe(true)
  })

  test.each([
    ['of another container', { holder: { ...ownIdentity(), bootId: `${currentBootId().split('/')[0]}/pid:[1]` } }],
    ['of another host', { host: 'elsewhere', holder: { ...ownIdentity(), bootId: 'x/pid:[1]' } }],
  ])('a run %s that shares the home stays for a day', async (_, changes) => {
    const run = createDeadRun(stateDirectory, [], changes)
    const old = createDeadRun(stateDirectory, [], { ...changes, createdAt: '2020-01-01T00:00:00.000Z' })
    expect(await sweep(stateDirectory)).toMatchObject([{ id: old.id }])
    expect([existsSync(run.directory), existsSync(old.directory)]).toEqual([true, false])
  })

  test('a run of another container that its own sweep has claimed is left to that', async () => {
    const bootId = `${currentBootId().split('/')[0]}/pid:[1]`
    const run = createDeadRun(stateDirectory, [], { holder: { ...ownIdentity(), bootId } })
    const claimed = join(runPaths.reaping(stateDirectory), `${run.id}@1-1`)
    mkdirSync(runPaths.reaping(stateDirectory))
    renameSync(run.directory, claimed)
    expect([await sweep(stateDirectory, { dryRun: true }), await sweep(stateDirectory)]).toEqual([[], []])
    expect(existsSync(claimed)).toBe(true)
  })

  test.each([
    ['garbage', '\0\xff{'],
    ['nothing', ''],
    ['null', 'null'],
    ['another shape', '{"id":"x","holder":{"pid":1}}'],
  ])('a record of %s is quarantined and nobody is killed', async (_, text) => {
    const bystander = startProgram(['sleep', '600'], { detached: true })
    const run = createDeadRun(stateDirectory, [leaderAt(bystander.pid)])
    const marked = run.startMarked('sleep', '600')
    writeFileSync(runPaths.record(run.directory), text)
    const [swept] = await sweep(stateDirectory)
    expect(swept?.left).toEqual([expect.stringContaining(`which was moved to ${quarantine}/${run.id}-`)])
    expect([identify(bystander.pid)?.pid, identify(marked.pid)?.pid]).toEqual([bystander.pid, marked.pid])
    expect(await sweep(stateDirectory)).toEqual([])
  })

  test('a run of somebody who is called otherwise, as in a user namespace, stays', async () => {
    const run = createDeadRun(stateDirectory, [], { uid: 12_345, createdAt: '2020-01-01T00:00:00.000Z' })
    expect(await sweep(stateDirectory)).toEqual([])
    expect(existsSync(run.directory)).toBe(true)
  })

  test('a record that names another run, or is missing, is quarantined', async () => {
    createDeadRun(stateDirectory, [], { id: 'another' })
    rmSync(runPaths.record(createDeadRun(stateDirectory, []).directory))
    expect(await sweep(stateDirectory)).toHaveLength(2)
    expect(readdirSync(quarantine)).toHaveLength(2)
  })

  test('files that are no runs stop no sweep', async () => {
    const runs = runPaths.runs(stateDirectory)
    mkdirSync(runs, { recursive: true })
    writeFileSync(join(runs, '.DS_Store'), '')
    writeFileSync(join(runs, 'README'), '')
    symlinkSync('/etc', join(runs, 'link'))
    const run = createDeadRun(stateDirectory, [])
    expect((await sweep(stateDirectory)).map(({ id }) => id)).toContain(run.id)
    expect(existsSync('/etc/passwd')).toBe(true)
  })

  test.runIf(process.getuid?.() !== 0)('one run that cannot be read stops no sweep', async () => {
    const run = createDeadRun(stateDirectory, [])
    chmodSync(run.directory, 0)
    expect(await sweep(stateDirectory)).toMatchObject([{ id: run.id, left: [expect.stringContaining('EACCES')] }])
    chmodSync(run.directory, 0o700)
  })
})

describe('unfinished runs', () => {
  function createUnfinished(name: string, age: 'old' | 'new', record?: object): string {
    const directory = join(runPaths.runs(stateDirectory), `.${name}`)
    mkdirSync(directory, { recursive: true })
    if (record) writeFileSync(runPaths.record(directory), JSON.stringify(record))
    if (age === 'old') utimesSync(directory, 1_000_000, 1_000_000)
    return directory
  }

  test('go when their holder is dead, or when they have been so for long', async () => {
    const record = { uid: process.getuid?.(), host: 'h', createdAt: new Date().toISOString() }
    const dead = { ...record, id: 'dead', holder: { ...ownIdentity(), startTime: '1' } }
    const alive = { ...record, id: 'alive', holder: ownIdentity() }
    const [gone, stay] = [
      [createUnfinished('dead', 'new', dead), createUnfinished('empty-old', 'old')],
      [createUnfinished('alive', 'old', alive), createUnfinished('empty', 'new')],
    ]
    expect(await sweep(stateDirectory)).toEqual([])
    expect([gone.filter(existsSync), stay.filter(existsSync)]).toEqual([[], stay])
  })
})

describe('many sweeps', () => {
  test('8 at once over 40 dead runs clean each up once, and none fails', async () => {
    const runs = Array.from({ length: 40 }, () => createDeadRun(stateDirectory, []))
    const services = runs.slice(0, 10).map((run) => run.startMarked('sleep', '600'))
    const sweeps = Array.from({ length: 8 }, () => startProgram(programArgv('sweeps.ts')))
    const told = await Promise.all(
      sweeps.map(async (program) => {
        await program.line()
        return JSON.parse(await program.line()) as { id: string; left: string[] }[]
      }),
    )
    const swept = told.flat()
    expect(swept.map(({ id }) => id).sort()).toEqual(runs.map(({ id }) => id).sort())
    expect(swept.flatMap(({ left }) => left)).toEqual([])
    expect(services.flatMap(({ pid }) => identify(pid) ?? [])).toEqual([])
    await expectNothingLeft(stateDirectory)
  })

  test('one that is killed half way is finished by the next', async () => {
    const service = startProgram(programArgv('ignores-sigterm.sh'), { detached: true })
    await service.line()
    const ladder = [{ signal: 'SIGTERM', graceMs: 600_000 }] as const
    const run = createDeadRun(stateDirectory, [{ ...leaderAt(service.pid), ladder }])
    const killed = startProgram(programArgv('sweeps.ts'))
    await killed.line()
    const reaping = runPaths.reaping(stateDirectory)
    await eventually('it has claimed the run', () => existsSync(reaping) && readdirSync(reaping).length === 1)
    expect(await sweep(stateDirectory)).toEqual([])
    await killed.kill()
    expect(identify(service.pid)).toBeDefined()
    expect(await sweep(stateDirectory)).toMatchObject([{ id: run.id, left: [] }])
    expect(identify(service.pid)).toBeUndefined()
    expect(leftovers(stateDirectory)).toEqual([])
  })
})
