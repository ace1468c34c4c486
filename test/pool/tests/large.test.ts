import { createHash } from 'node:crypto'
import { createReadStream, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { afterAll, expect, test } from 'vitest'
import { commandTest } from '../../../src/pool/tests/command-test.ts'
import { createProvisioner, createResults, Pool, type RunSummary } from '../../../src/pool.ts'
import { useCleanState } from '../../support/left-nothing.ts'
import { TestMachine } from '../../support/recorded-attempt.ts'

useCleanState()
const megabyte = 2 ** 20
const scratch = mkdtempSync(join(tmpdir(), 'large-'))
afterAll(() => rmSync(scratch, { recursive: true }))

test('a test that prints 100 MB has all of it on disk, and little in memory', async () => {
  const { summary, path, grownBytes } = await run('output', `head -c ${100 * megabyte} /dev/zero`)
  expect(summary).toMatchObject({ outcome: 'passed' })
  expect(statSync(join(path, 'files/here/output/output.txt')).size).toBe(100 * megabyte)
  expect(grownBytes).toBeLessThan(80 * megabyte)
})

const fileBytes = 1024 * megabyte

test('a file of 1 GB is streamed into the results in bounded memory', async () => {
  const json = JSON.stringify({ status: 'pass', files: [{ name: 'big', length: fileBytes }] })
  const data = `openssl enc -aes-128-ctr -K 00 -iv 00 -in /dev/zero 2>/dev/null | head -c ${fileBytes}`
  const script = `{ printf 'result ${json.length}\\n%s' '${json}'; ${data}; echo noop; } >&3; ${data} | sha256sum`
  const { summary, path, grownBytes } = await run('file', script)
  expect(summary).toMatchObject({ outcome: 'passed' })
  const hash = createHash('sha256')
  await pipeline(createReadStream(join(path, 'files/here/file/big')), hash)
  expect(readFileSync(outputOf(path, 'file#1'), 'utf8')).toContain(hash.digest('hex'))
  expect(grownBytes).toBeLessThan(100 * megabyte)
})

test('10,000 results of one test are on record in their order', async () => {
  const loop = `seq 10000 | awk '{ json = "{\\"status\\":\\"pass\\",\\"name\\":\\"part " $1 "\\"}"; printf "result %d\\n%s", length(json), json }' >&3; echo done`
  const { summary, path } = await run('many', loop)
  expect(summary).toMatchObject({ outcome: 'passed' })
  const rows: unknown[][] = readFileSync(join(path, 'results.jsonl'), 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))
  expect(rows).toHaveLength(10_001)
  expect(rows.slice(0, 10_000).every((row, index) => row[3] === `part ${index + 1}`)).toBe(true)
  expect(rows.at(-1)).toEqual(['here', 'pass', 'many', null, ['output.txt'], null])
})

interface Ran {
  readonly summary: RunSummary
  readonly path: string
  /** How much more memory the process had than before, at most. */
  readonly grownBytes: number
}

async function run(name: string, command: string): Promise<Ran> {
  const path = join(scratch, name)
  await using results = createResults({ path, versions: {}, config: {} })
  const make = async () => {
    const machine = new TestMachine()
    return { ...machine, end: () => machine.release() }
  }
  await using machines = createProvisioner({ name: 'here', slots: 1, make })
  const beforeBytes = process.memoryUsage().rss
  let mostBytes = 0
  const timer = setInterval(() => (mostBytes = Math.max(mostBytes, process.memoryUsage().rss)), 50)
  try {
    const summary = await new Pool({
      tests: [commandTest({ name, command })],
      machines,
      results,
      project: scratch,
    }).run()
    return { summary, path, grownBytes: mostBytes - beforeBytes }
  } finally {
    clearInterval(timer)
  }
}

function outputOf(path: string, attempt: string): string {
  return join(path, 'attempts', attempt, 'output.txt')
}
