import { mkdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll } from 'vitest'
import { randomName } from '../../src/host/secret.ts'
import type { ProcessIdentity } from '../../src/process/inspect/identity.ts'
import * as found from '../../src/testing/leftovers.ts'

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
      for (const pid of found.pidsLeft(stateDirectory, neighbours)) process.kill(pid, 'SIGKILL')
      await rm(stateDirectory, { recursive: true, force: true })
      if (before === undefined) delete process.env.LP_STATE_DIR
      else process.env.LP_STATE_DIR = before
    }
  })
  return { stateDirectory }
}

/** Waits until nothing of a state directory is left; throws naming what is, 5 s later. */
export function expectNothingLeft(stateDirectory: string): Promise<void> {
  return found.untilEmpty([() => found.entriesLeft(stateDirectory), () => processesLeft(stateDirectory)])
}

/** What is left of a state directory now, in words: processes, runs, claims. */
export function leftovers(stateDirectory: string): string[] {
  return [...processesLeft(stateDirectory), ...found.entriesLeft(stateDirectory)]
}

/** Pids of bystanders that work below a state directory and are no leftovers. */
export const neighbours = new Set<number>()

/** The processes that have the mark of a state directory, in words; without neighbours. */
export function processesLeft(stateDirectory: string): string[] {
  return found.processesLeft(stateDirectory, neighbours)
}

/** The processes that have the mark of a state directory; without neighbours and this process. */
export function processesOf(stateDirectory: string): ProcessIdentity[] {
  return found.processesOf(stateDirectory, neighbours)
}
