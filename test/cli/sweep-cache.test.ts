import { existsSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { cacheEntry } from '../../src/host/cache/cache.ts'
import { cacheDirectory } from '../../src/host/cache/cache-directory.ts'
import { useCleanState } from '../support/left-nothing.ts'
import { useUserProject } from '../support/user-project.ts'

useCleanState()
const project = useUserProject()
const environment = { XDG_CACHE_HOME: mkdtempSync(join(tmpdir(), 'ts-cache-home-')) }
afterAll(() => rmSync(environment.XDG_CACHE_HOME, { recursive: true }))

/** The directory of an entry of 1.5 MB. */
async function entry(key: string, usedAt: Date): Promise<string> {
  const build = async (directory: string): Promise<void> =>
    writeFileSync(join(directory, 'data'), Buffer.alloc(1_500_000))
  const path = dirname(await cacheEntry({ name: 'data', key: [key], root: cacheDirectory(environment), build }))
  utimesSync(join(path, 'complete.json'), usedAt, usedAt)
  return path
}

async function sweep(...argv: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await project.run(['sweep', ...argv], { env: environment })
  expect([code, stderr]).toEqual([0, ''])
  return stdout
}

test('sweep --cache removes prepared data that is long unused, and says how much', async () => {
  const [old, fresh] = [await entry('old', new Date(0)), await entry('fresh', new Date())]
  expect(await sweep()).toBe('nothing was left behind\n')
  const report = (verb: string): string =>
    `nothing was left behind\nthe cache of prepared data: ${verb} 1 of its entries, 1.5 MB; ` +
    `what was used in the last 10 minutes stays\n  ${verb} ${old} (1.5 MB)\n`
  expect(await sweep('--cache', '--dry-run')).toBe(report('would remove'))
  expect(existsSync(old)).toBe(true)
  expect(await sweep('--cache')).toBe(report('removed'))
  expect([old, fresh].map((path) => existsSync(path))).toEqual([false, true])
})
