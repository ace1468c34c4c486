import { appendFileSync, cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { type ReadResults, readResults } from '../../src/results/read-results.ts'
import type { BegunAttempt } from '../../src/results/result-sink.ts'
import type { ResultsDirectory } from '../../src/results/results-directory.ts'
import { attempt, ended, useDirectory, useResults } from './new-results.ts'

/** Writes one attempt that counts, with one result and its file. */
async function pass(results: ResultsDirectory, begin: BegunAttempt): Promise<void> {
  const writer = await results.begin(begin)
  await writer.report({ status: 'pass', files: [{ name: 'a.txt', content: begin.host }] })
  await writer.end(ended(begin), true)
}

function testsOf({ results }: ReadResults): string[] {
  return results.map(({ row, files }) => `${row[1]} ${row[2]} ${files.length}`)
}

test('a run is read with its attempts, files, machines and services', async () => {
  const results = useResults()
  await pass(results, attempt('/a'))
  const again = attempt('/b')
  const writer = await results.begin(again)
  await writer.output(Buffer.from('no'))
  await writer.report({ status: 'fail' })
  await writer.end(ended(again, 'failed', 'it failed'), false)
  await pass(results, attempt('/b', { number: 2 }))
  const at = '2026-01-31T12:00:00.000Z'
  await results.machine({ machine: 'm', host: 'h', state: 'free', at, note: null })
  await results.service({ service: 'db', machine: 'm', host: 'h', begin: at, readyMs: 12, note: null })
  await results.close()
  const read = readResults(results.path)
  expect(testsOf(read)).toEqual(['pass /a 1', 'pass /b 1'])
  expect(read.results[1]?.attempt?.id).toBe('/b#2')
  expect(read.attempts.map(({ id, rows, ended: row }) => [id, rows.length, row?.rerun])).toEqual([
    ['/a#1', 0, null],
    ['/b#1', 1, 'it failed'],
    ['/b#2', 0, null],
  ])
  expect(readFileSync(read.attempts[1]?.output ?? '', 'utf8')).toBe('no')
  expect([read.machines.length, read.services.length, read.problems]).toEqual([1, 1, []])
})

test('a canceled attempt does not hide the results of a host that was killed later', async () => {
  const [canceled, killed] = [useResults(), useResults()]
  const first = attempt('/a', { host: 'one' })
  await (await canceled.begin(first)).end(ended(first, 'canceled'), false)
  const writer = await killed.begin(attempt('/a', { number: 2, host: 'two' }))
  await writer.report({ status: 'pass' })
  const both = useDirectory()
  for (const [name, { path }] of Object.entries({ canceled, killed }))
    cpSync(path, join(both, name), { recursive: true })
  expect(testsOf(readResults(both))).toEqual(['pass /a 0'])
})

test('a killed run has the results of the attempts that ran', async () => {
  const results = useResults()
  await pass(results, attempt('/a'))
  const writer = await results.begin(attempt('/b'))
  await writer.report({ status: 'info', name: 'part', files: [{ name: 'x', content: 'x' }] })
  appendFileSync(join(results.path, 'results.jsonl'), '["node20","pass","/c",nu')
  const read = readResults(results.path)
  expect(testsOf(read)).toEqual(['pass /a 1', 'info /b 1'])
  expect(read.attempts.map(({ id, ended: row }) => [id, row !== undefined])).toEqual([
    ['/a#1', true],
    ['/b#1', false],
  ])
  expect(read.problems).toEqual(['results.jsonl: 1 of 2 lines cannot be read, and are left out'])
  expect(read.runs[0]).not.toHaveProperty('end')
})

test('an attempt killed while its results become those of the run counts once', async () => {
  const results = useResults()
  const begin = attempt('/a')
  const writer = await results.begin(begin)
  for (const name of ['one', 'two']) await writer.report({ status: 'pass', name, files: [{ name: 'x', content: 'x' }] })
  // The state on disk between the first row and the end.
  const target = join(results.path, 'files/node20/a/one')
  mkdirSync(target, { recursive: true })
  cpSync(join(results.path, 'attempts/+a#1/files/one/x'), join(target, 'x'))
  writeFileSync(join(results.path, 'results.jsonl'), '["node20","pass","/a","one",["x"],null]\n')
  expect(testsOf(readResults(results.path))).toEqual(['pass /a 1', 'pass /a 1'])
})

test('directories of several hosts are read as one run, and a copy counts once', async () => {
  const parent = useDirectory()
  const [here, there] = [useResults(join(parent, 'here')), useResults(join(parent, 'there'))]
  await pass(here, attempt('/a'))
  await pass(there, attempt('/b', { host: 'there' }))
  // This host was cut off, and /b was run there.
  const late = attempt('/b', { number: 2, begin: '2026-01-31T12:00:01.000Z' })
  const writer = await here.begin(late)
  await writer.report({ status: 'fail' })
  await writer.end(ended(late, 'lost'), false)
  cpSync(join(parent, 'there'), join(parent, 'copy/of/there'), { recursive: true })
  const read = readResults(parent)
  expect(testsOf(read).sort()).toEqual(['pass /a 1', 'pass /b 1'])
  expect([read.runs.length, read.attempts.length]).toEqual([2, 3])
})

test('an attempt of another host counts by its state until its own results are there', async () => {
  const [here, there] = [useResults(), useResults()]
  await pass(here, attempt('/a'))
  const far = attempt('/b', { host: 'there' })
  const writer = await there.begin(far)
  await writer.report({ status: 'fail', name: 'part', files: [{ name: 'x', content: 'x' }] })
  await here.elsewhere([ended(far, 'failed')])
  const alone = readResults(here.path)
  expect(testsOf(alone)).toEqual(['pass /a 1', 'fail /b 0'])
  expect(alone.results[1]?.row[5]).toMatch(/^ran on there: /)
  // The host was killed before it wrote the end of its attempt.
  const both = readResults(here.path, there.path)
  expect([testsOf(both), both.attempts.length]).toEqual([['pass /a 1', 'fail /b 1'], 2])
  await writer.end(ended(far, 'failed'), true)
  expect(testsOf(readResults(there.path, here.path)).sort()).toEqual(['fail /b 1', 'pass /a 1'])
})

test('an attempt that died with its host does not count beside a later one', async () => {
  const parent = useDirectory()
  const [dead, alive] = [useResults(join(parent, 'dead')), useResults(join(parent, 'alive'))]
  const writer = await dead.begin(attempt('/a'))
  await writer.report({ status: 'fail' })
  await pass(alive, attempt('/a', { number: 2 }))
  expect(testsOf(readResults(parent))).toEqual(['pass /a 1'])
})

test('files that were put together count each attempt once', async () => {
  const [one, two] = [useResults(), useResults()]
  await pass(one, attempt('/a'))
  await pass(two, attempt('/b'))
  cpSync(join(two.path, 'files'), join(one.path, 'files'), { recursive: true })
  for (let times = 0; times < 2; times++)
    for (const file of ['results.jsonl', 'attempts.jsonl'])
      appendFileSync(join(one.path, file), readFileSync(join(two.path, file)))
  const read = readResults(one.path)
  expect(testsOf(read)).toEqual(['pass /a 1', 'pass /b 1'])
  expect(read.attempts).toHaveLength(2)
})

test('fields that this version does not know are kept', async () => {
  const results = useResults()
  const future = { ...ended(attempt('/a')), energy: 3 }
  appendFileSync(join(results.path, 'attempts.jsonl'), `${JSON.stringify(future)}\n`)
  expect(readResults(results.path).attempts[0]?.ended).toMatchObject({ energy: 3 })
})

test('a directory without results, or with a foreign file name, is told in words', async () => {
  const directory = useDirectory()
  expect(() => readResults(directory)).toThrow(expect.objectContaining({ code: 'ERR_RESULTS' }))
  expect(() => readResults(join(directory, 'missing'))).toThrow(/has no results: expected a directory with a run.json/)
  const results = useResults()
  appendFileSync(join(results.path, 'results.jsonl'), '["p","pass","/a",null,["../../secret","gone"],null]\n')
  expect(readResults(results.path).problems).toHaveLength(2)
})
