import { join } from 'node:path'
import { expect, test } from 'vitest'
import { createReport } from '../../src/report/create-report.ts'
import { headlineOf } from '../../src/report/headline.ts'
import type { ReportData } from '../../src/report/report-data.ts'
import { readResults } from '../../src/results/read-results.ts'
import type { ResultsDirectory } from '../../src/results/results-directory.ts'
import { attempt, ended, useResults } from '../results/new-results.ts'

function reportOf({ path }: ResultsDirectory): ReportData {
  return createReport(readResults(path), path)
}

test('a test has the status of its own result, and its attempts', async () => {
  const results = useResults()
  const [first, second] = [attempt('/a'), attempt('/a', { number: 2, begin: '2026-01-31T12:00:10.000Z' })]
  const failed = await results.begin(first)
  await failed.report({ status: 'fail', note: 'first', files: [{ name: 'a.log', content: 'why' }] })
  await failed.end(ended(first, 'failed', 'it failed'), false)
  const passed = await results.begin(second)
  await passed.report({ status: 'fail', name: 'part' })
  await passed.report({ status: 'pass' })
  await passed.end({ ...ended(second), end: '2026-01-31T12:00:12.000Z' }, true)
  const { tests, attempts, end } = reportOf(results)
  expect(tests).toEqual([
    {
      name: '/a',
      platform: 'node20',
      status: 'pass',
      results: [{ status: 'pass' }, { name: 'part', status: 'fail' }],
      attempts: [0, 1],
    },
  ])
  expect(attempts.map(({ state, rerun, results: own }) => [state, rerun, own?.[0]?.note])).toEqual([
    ['failed', 'it failed', 'first'],
    ['passed', undefined, undefined],
  ])
  expect(attempts[0]?.results?.[0]?.files?.[0]?.excerpt?.tail).toBe('why')
  expect(end).toBeGreaterThanOrEqual(Date.parse('2026-01-31T12:00:12.000Z'))
})

test('a test has failed, or was not run, if its attempt says so', async () => {
  const results = useResults()
  for (const [name, state] of [
    ['/part', 'failed'],
    ['/broken', 'infra'],
  ] as const) {
    const begin = attempt(name)
    const writer = await results.begin(begin)
    await writer.report({ status: name === '/part' ? 'pass' : 'skip' })
    await writer.end(ended(begin, state), true)
  }
  const { tests } = reportOf(results)
  expect(tests.map(({ status }) => status)).toEqual(['fail', 'infra'])
  expect(headlineOf(tests)).toBe('2 of 2 tests failed')
})

test('a test without a result is unfinished, or canceled', async () => {
  const results = useResults()
  await results.begin(attempt('/runs'))
  const canceled = await results.begin(attempt('/canceled'))
  await canceled.end(ended(attempt('/canceled'), 'canceled'), false)
  const { tests } = reportOf(results)
  expect(tests.map(({ name, status }) => [name, status])).toEqual([
    ['/canceled', 'canceled'],
    ['/runs', 'unfinished'],
  ])
  expect(headlineOf(tests)).toBe('1 of 2 tests failed')
})

test('a long output has its beginning and its end, and only failures show any', async () => {
  const results = useResults()
  const text = `begin ${'x'.repeat(100_000)} end`
  for (const status of ['fail', 'pass']) {
    const begin = attempt(`/${status}`)
    const writer = await results.begin(begin)
    const binary = { name: 'core', content: Buffer.from('a\0b') }
    await writer.report({ status, files: [{ name: 'odd name #1?.txt', content: text }, binary] })
    await writer.end(ended(begin), true)
  }
  const [failed, passed] = reportOf(results).tests.map((each) => each.results[0]?.files ?? [])
  const excerpt = failed?.[0]?.excerpt
  expect([excerpt?.head.slice(0, 5), excerpt?.tail.slice(-3)]).toEqual(['begin', 'end'])
  const shown = (excerpt?.head.length ?? 0) + (excerpt?.tail.length ?? 0)
  expect(shown + (excerpt?.cutBytes ?? 0)).toBe(text.length)
  expect(shown).toBeLessThan(40_000)
  expect(failed?.[1]?.excerpt).toBeUndefined()
  expect(passed?.map((file) => file.excerpt)).toEqual([undefined, undefined])
  const path = join(results.path, decodeURIComponent(failed?.[0]?.href ?? ''))
  expect(path).toBe(join(results.path, 'files/node20/fail', failed?.[0]?.name ?? ''))
})

test('the states of a machine last until the next one', async () => {
  const results = useResults()
  const facts = { machine: 'local-1', host: 'here', note: null }
  for (const [state, second] of [
    ['reserving', 0],
    ['setting-up', 1],
    ['free', 3],
    ['releasing', 8],
    ['gone', 9],
  ] as const)
    await results.machine({ ...facts, state, at: `2026-01-31T12:00:0${second}.000Z` })
  const [machine] = reportOf(results).machines
  expect(machine?.spans.map(({ state, begin, end }) => [state, (end - begin) / 1_000])).toEqual([
    ['setting-up', 2],
    ['releasing', 1],
  ])
})

test('machines of one name on two hosts are two, and a reserved name is none', async () => {
  const results = useResults()
  for (const host of ['here', 'there']) {
    await results.machine({ machine: 'local', host, state: 'reserving', at: '2026-01-31T12:00:00.000Z', note: null })
    const begin = attempt(`/${host}`, { host })
    const writer = await results.begin(begin)
    await writer.end(ended(begin), true)
  }
  expect(reportOf(results).machines.map(({ name, host }) => `${host} ${name}`)).toEqual([
    'here local-1',
    'there local-1',
  ])
})

test('a start of a service has its machine and its attempt', async () => {
  const results = useResults()
  const begin = attempt('/a')
  await (await results.begin(begin)).end(ended(begin), true)
  const { id, machine, host } = begin
  const start = { service: 'db', host, begin: '2026-01-31T12:00:00.000Z', readyMs: 40, note: null }
  await results.service({ ...start, machine: null })
  await results.service({ ...start, machine, attempt: id, isTenant: true })
  await results.service({ ...start, machine, attempt: 'unknown#1', error: 'DB ended' })
  const shown = { name: 'db', begin: Date.parse(start.begin), readyMs: 40, steps: [] }
  expect(reportOf(results).services).toEqual([
    shown,
    { ...shown, machine: 0, attempt: 0, isTenant: true },
    { ...shown, machine: 0, error: 'DB ended' },
  ])
})
