import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { globSync } from 'tinyglobby'
import { expect, onTestFinished, test } from 'vitest'
import { tsxLoader } from '../../src/host/modules/package-program.ts'
import { eventually } from '../support/eventually.ts'
import { processesOf } from '../support/left-nothing.ts'

const bench = fileURLToPath(new URL('../../bench/run.ts', import.meta.url))
const limitMs = 60_000

/** Has a temporary directory of its own, in which it works. */
function startBench(...args: readonly string[]) {
  const directory = mkdtempSync(join(tmpdir(), 'ts-bench-'))
  const child = spawn(process.execPath, ['--import', tsxLoader(), bench, ...args], {
    env: { ...process.env, TMPDIR: directory },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  onTestFinished(() => {
    child.kill('SIGKILL')
    rmSync(directory, { recursive: true, force: true })
  })
  return { child, directory, output: text(child.stdout), errors: text(child.stderr), ended: once(child, 'exit') }
}

/** The installation below it; of another program's, tsx, there is a cache. */
function namesIn(directory: string): string[] {
  return readdirSync(directory).filter((name) => !name.startsWith('tsx-'))
}

test('measures a subject and leaves nothing', { timeout: limitMs }, async () => {
  const { directory, output, errors, ended } = startBench('1', 'guards')
  expect([await ended, await errors]).toEqual([[0, null], 'What it costs that nothing is left, whoever dies …\n'])
  const table = await output
  expect(table).toMatch(/^\| what the guards cost at the start +\| +[\d.]+ ms \|/m)
  expect(table).toMatch(/^\| private memory of the guardian +\| 0\.\d+ MiB .*≤ 2 MiB ✓ \|/m)
  expect(table).toMatch(/^Medians of 1,.*Postgres \d+\.\d+\.$/ms)
  expect(namesIn(directory)).toEqual([])
})

test('leaves nothing when it is interrupted, of its peer neither', { timeout: limitMs }, async () => {
  const { child, directory, errors, ended } = startBench('1', 'start')
  const peerData = (): string | undefined => globSync('*/peer/data-*/**', { cwd: directory })[0]
  const [installation = ''] = (await eventually('the peer initialises', peerData, limitMs)).split('/')
  child.kill('SIGINT')
  expect([await ended, await errors]).toEqual([[1, null], expect.stringMatching(/the bench .*cancel/)])
  expect(processesOf(join(directory, installation, 'state'))).toEqual([])
  expect(namesIn(directory)).toEqual([])
})

test('names its subjects to somebody who asks for another', async () => {
  const { errors, ended } = startBench('20', 'resets')
  expect(await ended).toEqual([1, null])
  expect(await errors).toContain(
    'no subject "resets": make bench ARGS=\'[ROUNDS] [start | reset | large-tables | services | others',
  )
})
