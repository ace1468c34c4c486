import { type ChildProcess, execFile, spawn } from 'node:child_process'
import {
  existsSync,
  lutimesSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { afterEach, beforeEach, expect, onTestFinished, test, vi } from 'vitest'
import { cacheEntry } from '../../../src/host/cache/cache.ts'
import { boundCache, sweepCache } from '../../../src/host/cache/cache-sweep.ts'
import { useEntry } from '../../../src/host/cache/cache-use.ts'
import { Deadline, sleep } from '../../../src/kernel/deadline.ts'
import { DeadlineError, LeftBehindError } from '../../../src/kernel/errors.ts'
import { eventually } from '../../support/eventually.ts'
import { programArgv } from '../../support/program.ts'

let root: string
let log: string

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'ts-cache-'))
  log = `${root}.log`
  writeFileSync(log, '')
})

afterEach(() => {
  rmSync(root, { recursive: true })
  rmSync(log)
})

test('is built once by six processes that want it at the same time', async () => {
  const runs = Array.from({ length: 6 }, () => promisify(execFile)(process.execPath, builderArguments(200)))
  const paths = (await Promise.all(runs)).map(({ stdout }) => stdout)
  expect(new Set(paths).size).toBe(1)
  expect(readdirSync(paths[0] ?? '')).toEqual(['half', 'whole'])
  expect(builds()).toHaveLength(1)
  expect(readdirSync(root)).toHaveLength(1)
})

test('is built by the next when its builder is killed, and nothing half-made stays', async () => {
  const killed = spawn(process.execPath, builderArguments(60_000), { stdio: 'ignore' })
  await eventually('the first builder builds', () => builds().length === 1)
  await kill(killed)
  const { stdout } = await promisify(execFile)(process.execPath, builderArguments(0))
  expect(readdirSync(stdout)).toEqual(['half', 'whole'])
  expect(readdirSync(root)).toHaveLength(1)
})

test('is built again when a file was cut short, is missing, or is too many', async () => {
  const path = await entry('a')
  truncateSync(join(path, 'content-of'), 0)
  expect(readFileSync(join(await entry('a'), 'content-of'), 'utf8')).toBe('a')
  rmSync(join(path, 'content-of'))
  expect(readFileSync(join(await entry('a'), 'content-of'), 'utf8')).toBe('a')
  writeFileSync(join(path, 'more'), '')
  expect(readdirSync(await entry('a'))).toEqual(['content-of'])
  writeFileSync(join(dirname(path), 'complete.json'), '{"fil')
  expect(readdirSync(await entry('a'))).toEqual(['content-of'])
})

test('is built again when a file is shorter and another longer, or two change places', async () => {
  const build = async (directory: string): Promise<void> => {
    mkdirSync(join(directory, 'below'))
    writeFileSync(join(directory, 'below/one'), 'long')
    writeFileSync(join(directory, 'other'), 'short')
  }
  const pair = (): Promise<string> => cacheEntry({ name: 'pair', key: [], root, build })
  const path = await pair()
  const sizes = (): number[] => ['below/one', 'other'].map((name) => statSync(join(path, name)).size)
  for (const [one, other] of [
    ['lon', 'shorts'],
    ['short', 'long'],
  ] as const) {
    writeFileSync(join(path, 'below/one'), one)
    writeFileSync(join(path, 'other'), other)
    await pair()
    expect(sizes()).toEqual([4, 5])
  }
})

test('tells which step of the build was late, or what could not be undone', async () => {
  const late = new DeadlineError('its second step', 20)
  const left = new LeftBehindError('DB', ['process 7'])
  for (const told of [late, new AggregateError([late, left])]) {
    const build = (_: string, signal: AbortSignal): Promise<void> =>
      sleep(60_000, signal).catch(() => Promise.reject(told))
    await expect(
      cacheEntry({ name: 'n', key: [], root, deadline: new Deadline('preparing', 300), build }),
    ).rejects.toBe(told)
  }
})

test.each([
  ['in the future, as a fake clock had it', new Date('2050-01-01'), undefined],
  ['a minute ago, with a fake clock in the past here', new Date(Date.now() - 60_000), new Date('2001-01-01')],
])('is built at once where a dead builder left a lock %s', async (_, lockedAt, fakeNow) => {
  const entryPath = dirname(await entry('locked'))
  rmSync(entryPath, { recursive: true })
  mkdirSync(`${entryPath}.lock`)
  utimesSync(`${entryPath}.lock`, lockedAt, lockedAt)
  if (fakeNow) vi.useFakeTimers({ now: fakeNow })
  onTestFinished(() => void vi.useRealTimers())
  const deadline = new Deadline('building', 2_000)
  await cacheEntry({ name: 'text', key: ['locked'], root, deadline, build: async () => {} })
  expect(readdirSync(root)).toEqual([basename(entryPath)])
})

test('leaves nothing when the build fails or is late', async () => {
  const failing = cacheEntry({ name: 'n', key: [], root, build: () => Promise.reject(new Error('disk full')) })
  await expect(failing).rejects.toThrow('disk full')
  const deadline = new Deadline('preparing', 30)
  const late = cacheEntry({ name: 'n', key: [], root, deadline, build: (_, signal) => sleep(60_000, signal) })
  await expect(late).rejects.toMatchObject({ code: 'ERR_DEADLINE' })
  expect(readdirSync(root)).toEqual([])
})

test('is removed when least recently used beyond the bound, never when used of late', async () => {
  const [old, older, fresh] = [await entry('old'), await entry('older'), await entry('fresh')]
  usedBefore(old, 60)
  usedBefore(older, 120)
  boundCache(root, { entries: 2, bytes: 1000 })
  expect([old, older, fresh].map((path) => existsSync(path))).toEqual([true, false, true])
  boundCache(root, { entries: 0, bytes: 0 })
  expect([old, fresh].map((path) => existsSync(path))).toEqual([false, true])
})

test('is removed by a sweep unless used of late, and so are the locks of the dead', async () => {
  const [old, fresh] = [await entry('old'), await entry('fresh')]
  usedBefore(old, 60)
  mkdirSync(join(root, 'dead.lock'))
  utimesSync(join(root, 'dead.lock'), new Date(0), new Date(0))
  const removable = [expect.objectContaining({ path: dirname(old), bytes: 3 })]
  expect(sweepCache(root, { dryRun: true })).toEqual(removable)
  expect(readdirSync(root)).toHaveLength(3)
  expect(sweepCache(root)).toEqual(removable)
  expect(readdirSync(root)).toEqual([basename(dirname(fresh))])
})

test('is not removed while somebody uses it, as long as he is there', async () => {
  const [ended, killed] = [await entry('ended'), await entry('killed')]
  const [one, other] = [createUser(), createUser()]
  const end = useEntry(dirname(ended), ended, one)
  useEntry(dirname(killed), killed, other)
  for (const path of [ended, killed]) usedBefore(path, 60)
  expect(sweepCache(root)).toEqual([])
  boundCache(root, { entries: 0, bytes: 0 })
  expect([one, other].map((link) => readdirSync(link))).toEqual([['content-of'], ['content-of']])
  end()
  rmSync(dirname(other), { recursive: true })
  const swept = sweepCache(root).map(({ path }) => path)
  expect(swept.sort()).toEqual([dirname(ended), dirname(killed)].sort())
})

test('is not removed while somebody uses it who is not to be seen from here, for a day', async () => {
  const path = await entry('foreign')
  const record = join(dirname(path), 'used-by/0123456789ab-elsewhere')
  mkdirSync(dirname(record))
  symlinkSync('/dev/shm/elsewhere/lower', record)
  const link = createUser()
  useEntry(dirname(path), path, link)()
  usedBefore(path, 60)
  expect(sweepCache(root)).toEqual([])
  lutimesSync(record, new Date(0), new Date(0))
  expect(sweepCache(root)).toHaveLength(1)
})

test('that is damaged steps aside with those who use it, until they are gone', async () => {
  const path = await entry('damaged')
  const link = createUser()
  const end = useEntry(dirname(path), path, link)
  truncateSync(join(path, 'content-of'), 0)
  await entry('damaged')
  const [aside = ''] = readdirSync(root).filter((name) => name.startsWith('.removing'))
  expect(readlinkSync(link)).toBe(join(root, aside, 'content'))
  expect(readFileSync(join(link, 'content-of'), 'utf8')).toBe('')
  expect(readFileSync(join(path, 'content-of'), 'utf8')).toBe('damaged')
  utimesSync(join(root, aside), new Date(0), new Date(0))
  sweepCache(root)
  expect(existsSync(join(root, aside))).toBe(true)
  end()
  sweepCache(root)
  expect(existsSync(join(root, aside))).toBe(false)
})

/** Where the link of a new user will be. */
function createUser(): string {
  const directory = mkdtempSync(join(tmpdir(), 'ts-user-'))
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }))
  return join(directory, 'lower')
}

test('leaves alone what is beside it and is no entry', async () => {
  const beside = join(root, 'test-services-k3q9x0a2b4c6')
  mkdirSync(beside)
  expect(sweepCache(root)).toEqual([])
  boundCache(root, { entries: 0, bytes: 0 })
  expect(existsSync(beside)).toBe(true)
})

function entry(text: string): Promise<string> {
  const build = async (directory: string): Promise<void> => writeFileSync(join(directory, 'content-of'), text)
  return cacheEntry({ name: 'text', key: [text], root, build })
}

function usedBefore(path: string, minutes: number): void {
  const at = new Date(Date.now() - minutes * 60_000)
  utimesSync(join(dirname(path), 'complete.json'), at, at)
}

function builds(): string[] {
  return readFileSync(log, 'utf8').split('\n').filter(Boolean)
}

function builderArguments(buildMs: number): string[] {
  return programArgv('cache-builder.ts', root, log, String(buildMs)).slice(1)
}

async function kill(child: ChildProcess): Promise<void> {
  const ended = new Promise((resolve) => child.once('exit', resolve))
  child.kill('SIGKILL')
  await ended
}
