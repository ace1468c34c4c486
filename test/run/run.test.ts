import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, expect, test } from 'vitest'
import { stateDirectory as findStateDirectory } from '../../src/host/state-directory.ts'
import { identify } from '../../src/process/inspect/identity.ts'
import { readProcessTable, withDescendants } from '../../src/process/inspect/process-table.ts'
import { SupervisedProcess } from '../../src/process/supervised-process.ts'
import { readJournal } from '../../src/run/journal.ts'
import { acquireRun, releaseRun } from '../../src/run/own-run.ts'
import { Run } from '../../src/run/run.ts'
import { runPaths } from '../../src/run/run-paths.ts'
import { readRunRecord } from '../../src/run/run-record.ts'
import { leftovers, useCleanState } from '../support/left-nothing.ts'
import { startProgram } from '../support/program.ts'
import { createDeadRun } from './dead-run.ts'

const { stateDirectory } = useCleanState()
const children = (): number[] =>
  [...withDescendants([process.pid], readProcessTable())].filter((pid) => pid !== process.pid)

afterEach(() => expect([leftovers(stateDirectory), children()]).toEqual([[], []]))

test('a run is recorded, and nothing outlives its close, the guardian included', async () => {
  const run = await acquireRun()
  expect(readRunRecord(run.directory)).toMatchObject({ id: run.id, holder: { pid: process.pid } })
  expect([statSync(run.directory).mode & 0o777, statSync(runPaths.record(run.directory)).mode & 0o777]).toEqual([
    0o700, 0o600,
  ])
  expect(children()).toHaveLength(1)
  await releaseRun(run)
})

test('users at the same time share one run, and the last one closes it', async () => {
  const runs = await Promise.all([acquireRun(), acquireRun(), acquireRun()])
  expect(new Set(runs).size).toBe(1)
  expect(readdirSync(runPaths.runs(stateDirectory))).toHaveLength(1)
  const [run] = runs
  await releaseRun(run)
  await releaseRun(run)
  expect(existsSync(run.directory)).toBe(true)
  await releaseRun(run)
})

test('a caller that comes while the last one leaves gets a run that stays', async () => {
  const first = await acquireRun()
  const leaving = releaseRun(first)
  const second = await acquireRun()
  await leaving
  expect([second === first, existsSync(second.directory)]).toEqual([false, true])
  await releaseRun(second)
})

test('a first user sweeps what dead holders left', async () => {
  const dead = createDeadRun(stateDirectory, [])
  const run = await acquireRun()
  expect(existsSync(dead.directory)).toBe(false)
  await releaseRun(run)
})

test('everything made is on record while it is there', async () => {
  const run = await acquireRun()
  const made = [await run.claimPort(), run.tryClaim('name'), await run.createSocketDirectory(10)]
  const [port, claim, sockets] = made.map((one) => one?.value)
  const claims = runPaths.claims(stateDirectory)
  const journal = runPaths.journal(run.directory)
  expect(readJournal(journal)).toEqual([
    { kind: 'claim', path: join(claims, `port-${port}`) },
    { kind: 'claim', path: claim },
    { kind: 'directory', path: sockets },
  ])
  expect(run.tryClaim('name')).toBeUndefined()
  for (const one of made) await one?.release()
  expect([readJournal(journal), readdirSync(claims), existsSync(String(sockets))]).toEqual([[], [], false])
  await releaseRun(run)
})

test('a directory that is there already is somebody else’s and stays', async () => {
  const run = await acquireRun()
  const path = join(stateDirectory, 'theirs')
  mkdirSync(path)
  writeFileSync(join(path, 'file'), '')
  await expect(run.createDirectory(path)).rejects.toMatchObject({ code: 'EEXIST' })
  await releaseRun(run)
  expect(existsSync(join(path, 'file'))).toBe(true)
})

test('a resource is on record before it is made, and no more when it cannot be made', async () => {
  const run = await acquireRun()
  const path = join(stateDirectory, 'there')
  mkdirSync(path)
  const claim = run.tryClaim('taken')?.value
  const journal = runPaths.journal(run.directory)
  const before = readJournal(journal)
  const lines = (what: unknown): number => readFileSync(journal, 'utf8').split(JSON.stringify(what)).length - 1
  const claimed = lines(claim)
  await expect(run.createDirectory(path)).rejects.toMatchObject({ code: 'EEXIST' })
  expect(run.tryClaim('taken')).toBeUndefined()
  expect([lines(path), lines(claim) - claimed, readJournal(journal)]).toEqual([1, 1, before])
  await releaseRun(run)
  expect(existsSync(path)).toBe(true)
})

test('the close removes what its users did not', async () => {
  const run = await acquireRun()
  const { directory, environment, marks } = run.createInstance('LEFT')
  const ladder = [{ signal: 'SIGTERM', graceMs: 5_000 }] as const
  const plan = {
    argv: ['sleep', '600'],
    directory,
    marks,
    ladder,
    logFile: join(directory, 'log'),
    keptLogs: directory,
  }
  const started = await SupervisedProcess.start(
    { ...plan, environment: { PATH: process.env.PATH ?? '', ...environment } },
    (identity) => void run.record({ kind: 'process', label: 'LEFT', identity, ladder }),
  )
  const sockets = await run.createSocketDirectory(10)
  run.tryClaim('left')
  await releaseRun(run)
  expect([identify(started.identity.pid), existsSync(sockets.value)]).toEqual([undefined, false])
})

test('the close ends processes that are not on record, by their mark', async () => {
  const run = await acquireRun()
  const { environment } = run.createInstance('STRAY')
  const { line, pid } = startProgram(['sh', '-c', 'setsid sleep 600 & echo $!; exec sleep 600'], {
    env: { PATH: process.env.PATH, ...environment },
    detached: true,
  })
  const stray = Number(await line())
  await releaseRun(run)
  expect([pid, stray].map(identify)).toEqual([undefined, undefined])
})

test('leftovers of the close are named, and stay on record for the next attempt', async () => {
  const run = await acquireRun()
  const module = fileURLToPath(new URL('../programs/fails-to-reclaim-once.mjs', import.meta.url))
  const gate = join(stateDirectory, 'gate')
  run.record({ kind: 'reclaim', module: `file://${module}`, data: gate })
  await expect(releaseRun(run)).rejects.toMatchObject({
    code: 'ERR_LEFT_BEHIND',
    message: `run ${run.id}: could not remove what ${module} removes (not yet); "bin/test-services sweep" tries again`,
  })
  expect([existsSync(run.directory), children().length]).toEqual([true, 1])
  writeFileSync(gate, '')
  await run.close()
})

test('on a full disk nothing is started and nothing is left, and the error says so', async ({ skip }) => {
  const place = mkdtempSync(join(tmpdir(), 'ts-full-'))
  const mounted = mount(place)
  if (!mounted) rmSync(place, { recursive: true })
  skip(!mounted, 'mounting a tmpfs needs root and the right to mount')
  try {
    const state = findStateDirectory({ LP_STATE_DIR: join(place, 'state') })
    fill(join(place, 'ballast'))
    expect(() => new Run(state)).toThrow(
      expect.objectContaining({
        code: 'ERR_STATE_DIRECTORY',
        message: expect.stringMatching(/^cannot record a run in .*ENOSPC.*make room there/),
      }),
    )
    expect(readdirSync(state, { recursive: true })).toEqual(
      expect.not.arrayContaining([expect.stringContaining('run.json')]),
    )
  } finally {
    execFileSync('/bin/umount', [place])
    rmSync(place, { recursive: true })
  }
})

test('a disk that fills up later does not keep a run from closing', async ({ skip }) => {
  const place = mkdtempSync(join(tmpdir(), 'ts-full-'))
  const mounted = mount(place)
  if (!mounted) rmSync(place, { recursive: true })
  skip(!mounted, 'mounting a tmpfs needs root and the right to mount')
  try {
    const run = new Run(findStateDirectory({ LP_STATE_DIR: join(place, 'state') }))
    const sockets = await run.createSocketDirectory(10)
    const claim = run.tryClaim('name')
    fill(join(place, 'ballast'))
    await sockets.release()
    await claim?.release()
    await run.close()
    expect([existsSync(sockets.value), existsSync(run.directory)]).toEqual([false, false])
  } finally {
    execFileSync('/bin/umount', [place])
    rmSync(place, { recursive: true })
  }
})

function mount(place: string): boolean {
  if (process.getuid?.() !== 0) return false
  try {
    execFileSync('/bin/mount', ['-t', 'tmpfs', '-o', 'size=64k,mode=700', 'tmpfs', place], { stdio: 'ignore' })
    return true
  } catch (thrown) {
    expect(thrown).toMatchObject({ status: expect.any(Number) })
    return false
  }
}

function fill(path: string): void {
  try {
    writeFileSync(path, Buffer.alloc(1024 * 1024))
  } catch (thrown) {
    expect(thrown).toMatchObject({ code: 'ENOSPC' })
  }
}
