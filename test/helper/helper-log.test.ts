import { mkdirSync, utimesSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { expect, test } from 'vitest'
import { helperLog, removeOldLogs } from '../../src/helper/helper-log.ts'
import { namesIn } from '../../src/host/files/names-in.ts'
import { acquireRun, releaseRun } from '../../src/run/own-run.ts'
import { useCleanState } from '../support/left-nothing.ts'

const { stateDirectory } = useCleanState()

/** Writes the log of a helper that wrote last some days ago. */
function write(claim: string, days: number): string {
  const { path } = helperLog(stateDirectory, claim)
  const at = new Date(Date.now() - days * 24 * 60 * 60_000)
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, 'up\n')
  utimesSync(path, at, at)
  return path
}

test('logs of helpers that have ended are removed after seven days', async () => {
  const run = await acquireRun()
  const claim = run.tryClaim('holder-running')
  const paths = [write('holder-running', 30), write('holder-ended', 8), write('holder-new', 6)]
  removeOldLogs(stateDirectory)
  expect(namesIn(dirname(paths[0] ?? '')).sort()).toEqual(['holder-new.log', 'holder-running.log'])
  await claim?.release()
  await releaseRun(run)
})
