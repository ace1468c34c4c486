import { readdirSync, readFileSync } from 'node:fs'
import { mkdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll } from 'vitest'
import { randomName } from '../../src/host/secret.ts'
import { hasCode } from '../../src/kernel/errors.ts'
import { isAlive, ownIdentity, type ProcessIdentity } from '../../src/process/identity.ts'
import { findMarked } from '../../src/process/marks.ts'
import { readProcessTable } from '../../src/process/process-table.ts'
import { findProcesses } from '../../src/process/termination.ts'
import { eventually } from './eventually.ts'

/** How the state directories of test files, side by side, begin. */
export const stateNames = 'ts-state-'

/**
 * Gives a test file a state directory of its own, in `LP_STATE_DIR` from this call on, and fails the file if 5 s after
 * its last test there is still a process, a run or a claim of it. Call it before any other hook of the file: hooks run
 * in reverse at the end, so that this one looks last.
 */
export function useCleanState(): { readonly stateDirectory: string } {
  const before = process.env.LP_STATE_DIR
  const stateDirectory = join(tmpdir(), `${stateNames}${randomName(8)}`)
  process.env.LP_STATE_DIR = stateDirectory
  beforeAll(() => mkdir(stateDirectory, { mode: 0o700 }))
  afterAll(async () => {
    try {
      await expectNothingLeft(stateDirectory)
    } finally {
      for (const pid of pidsLeft(stateDirectory)) process.kill(pid, 'SIGKILL')
      await rm(stateDirectory, { recursive: true, force: true })
      if (before === undefined) delete process.env.LP_STATE_DIR
      else process.env.LP_STATE_DIR = before
    }
  })
  return { stateDirectory }
}

/** Waits until nothing of a state directory is left; throws naming what is, 5 s later. */
export function expectNothingLeft(stateDirectory: string): Promise<void> {
  return expectEmptied([() => entriesLeft(stateDirectory), () => processesLeft(stateDirectory)])
}

/**
 * Waits until no look finds anything; throws naming what all of them find 5 s later. A look is made when those before
 * it find nothing: a look at all processes is expensive, and runs beside those that are to end.
 */
export async function expectEmptied(looks: readonly (() => string[])[]): Promise<void> {
  const isEmpty = (): boolean => looks.every((look) => look().length === 0)
  await eventually('nothing is left', isEmpty).catch((late) => {
    throw new Error(`left behind:\n  ${looks.flatMap((look) => look()).join('\n  ')}`, { cause: late })
  })
}

/** What is left of a state directory now, in words: processes, runs, claims. */
export function leftovers(stateDirectory: string): string[] {
  return [...processesLeft(stateDirectory), ...entriesLeft(stateDirectory)]
}

/** The runs and claims in a state directory. */
export function entriesLeft(stateDirectory: string): string[] {
  const kinds = ['runs', 'reaping', 'claims']
  return kinds.flatMap((kind) => list(join(stateDirectory, kind)).map((name) => `${kind}/${name}`))
}

/** The processes that have the mark of a state directory, in words. */
export function processesLeft(stateDirectory: string): string[] {
  return pidsLeft(stateDirectory).map((pid) => `process ${pid}: ${commandOf(pid)}`)
}

/** The pids of bystanders that work below a state directory all the same. */
export const neighbours = new Set<number>()

/**
 * Started with this state directory in the environment, or working or writing below it; not this process itself, nor
 * neighbours.
 */
export function processesOf(stateDirectory: string): ProcessIdentity[] {
  const marks = { variable: `LP_STATE_DIR=${stateDirectory}`, directories: [stateDirectory], since: ownIdentity() }
  const found = findProcesses({ leaders: [], marks }).filter(isAlive)
  return found.filter(({ pid }) => !neighbours.has(pid))
}

/** With guardians, which `processesOf` spares as every stop does, and which have to end by themselves. */
function pidsLeft(stateDirectory: string): number[] {
  const marks = { variable: `LP_STATE_DIR=${stateDirectory}`, directories: [], since: ownIdentity() }
  const marked = findMarked(readProcessTable().values(), marks)
  return [...new Set([...processesOf(stateDirectory), ...marked].map(({ pid }) => pid))]
}

function commandOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').slice(0, 200)
  } catch (thrown) {
    if (hasCode(thrown, 'ENOENT', 'ESRCH')) return 'ended meanwhile'
    throw thrown
  }
}

function list(directory: string): string[] {
  try {
    return readdirSync(directory)
  } catch (thrown) {
    if (hasCode(thrown, 'ENOENT')) return []
    throw thrown
  }
}
