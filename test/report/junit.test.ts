import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { junitXml } from '../../src/report/junit.ts'
import type { ReportAttempt, ReportData, ReportTest } from '../../src/report/report-data.ts'
import { writeReport } from '../../src/report/write-report.ts'
import { useReportDirectory } from './browser.ts'
import { writeExampleResults } from './example-results.ts'

const begin = Date.parse('2026-01-31T12:00:00.000Z')

function dataOf(tests: readonly ReportTest[], attempts: readonly ReportAttempt[] = []): ReportData {
  const runs = [{ host: 'builder', begin, end: begin, versions: {}, config: null, notRun: 0 }]
  return { runs, begin, end: begin + 4_000, tests, attempts, machines: [], services: [], problems: [] }
}

function testOf(name: string, status: string, facts: Partial<ReportTest> = {}): ReportTest {
  return { name, platform: 'node20', status, results: [{ status }], attempts: [], ...facts }
}

const attempt = { test: 0, machine: 0, begin, end: begin + 1_500 }

test('a suite has its counts, and a case for each result', () => {
  const parts = [
    { status: 'fail', note: 'no answer\nat line 3' },
    { name: 'a "b" <c>', status: 'pass' },
  ]
  const first = { ...attempt, number: 1, state: 'failed', rerun: 'it failed' }
  const attempts = [first, { ...attempt, number: 2, state: 'failed' }]
  const tests = [testOf('/login', 'fail', { results: parts, attempts: [0, 1] }), testOf('/later', 'skip')]
  expect(junitXml(dataOf(tests, attempts))).toBe(`<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="pool" tests="3" failures="1" errors="0" time="4.000">
<testsuite name="node20" tests="3" failures="1" errors="0" skipped="1" time="1.500" timestamp="2026-01-31T12:00:00" hostname="builder">
<properties/>
<testcase name="/login" classname="/login" time="1.500">
<failure message="no answer" type="fail">no answer
at line 3</failure>
<rerunFailure message="it failed" type="failed"/>
</testcase>
<testcase name="a &quot;b&quot; &lt;c&gt;" classname="/login" time="0.000"/>
<testcase name="/later" classname="/later" time="0.000">
<skipped message="skip"/>
</testcase>
</testsuite>
</testsuites>
`)
})

test('a test failed by its parts is counted once, with the text of the failure', () => {
  const href = 'files/output.txt'
  const excerpt = { head: '', cutBytes: 0, tail: 'Error: expected 1 to be 2\n    at line 3' }
  const failure = { name: 'failure.txt', href: 'files/failure.txt', size: 9, excerpt }
  const results = [
    { status: 'fail', note: '1 of 2 tests failed', files: [{ name: 'output.txt', href, size: 9 }] },
    { name: 'pays', status: 'fail', note: 'expected 1 to be 2', files: [failure] },
    { name: 'refunds', status: 'pass' },
  ]
  const attempts = [
    { ...attempt, number: 1, state: 'infra', rerun: 'its machine was lost' },
    { ...attempt, number: 2, state: 'failed' },
  ]
  const xml = junitXml(dataOf([testOf('/shop', 'fail', { results, attempts: [0, 1] })], attempts))
  expect(xml).toContain('<testsuite name="node20" tests="2" failures="1" errors="0"')
  expect(xml).toContain(`<testcase name="pays" classname="/shop" time="1.500">
<failure message="expected 1 to be 2" type="fail">Error: expected 1 to be 2
    at line 3
</failure>
<rerunError message="its machine was lost" type="infra"/>
<system-out>failure.txt:
[[ATTACHMENT|files/failure.txt]]

output.txt:
[[ATTACHMENT|files/output.txt]]</system-out>
</testcase>
<testcase name="refunds" classname="/shop" time="0.000"/>`)
})

test('a test that passed when run again is flaky, and one that has no result an error', () => {
  const attempts = [
    { ...attempt, number: 1, state: 'infra', rerun: 'its machine was lost' },
    { ...attempt, number: 2, state: 'passed' },
  ]
  const tests = [testOf('/a', 'pass', { attempts: [0, 1] }), testOf('/b', 'unfinished', { results: [] })]
  const xml = junitXml(dataOf(tests, attempts))
  expect(xml).toContain('<flakyError message="its machine was lost" type="infra"/>')
  expect(xml).toContain('<error message="the test has no result" type="unfinished">')
})

test('characters that XML does not have are replaced, and colours dropped', () => {
  const note = 'a\u0000b \u001b[31mred\u001b[0m \ud800 \ufffe ]]> & \u{1f600}'
  const xml = junitXml(dataOf([testOf('/a\u0007', 'fail', { results: [{ status: 'fail', note }] })]))
  expect(xml).toContain('>a\ufffdb red \ufffd \ufffd ]]&gt; &amp; \u{1f600}</failure>')
  expect(xml).toContain('name="/a\ufffd"')
})

/** Elements of junit-10.xsd: their attributes and children. */
const schema: Readonly<Record<string, readonly [attributes: string, children: string]>> = {
  testsuites: ['name time tests failures errors', 'testsuite'],
  testsuite: ['name tests failures errors time skipped timestamp hostname', 'properties testcase'],
  properties: ['', ''],
  testcase: ['name time classname', 'skipped error failure rerunFailure rerunError flakyFailure flakyError system-out'],
  skipped: ['type message', ''],
  error: ['type message', ''],
  failure: ['type message', ''],
  rerunFailure: ['type message', ''],
  rerunError: ['type message', ''],
  flakyFailure: ['type message', ''],
  flakyError: ['type message', ''],
  'system-out': ['', ''],
}

test('the file has the structure of the schema of Jenkins', async () => {
  const directory = useReportDirectory()
  writeExampleResults(directory, { tests: 120 })
  await writeReport(directory, { junit: join(directory, 'other.xml') })
  const xml = readFileSync(join(directory, 'other.xml'), 'utf8')
  const open: string[] = []
  const wrong: string[] = []
  for (const [tag, end, name = '', attributes = '', alone] of xml.matchAll(
    /<(\/?)([\w-]+)((?: [\w-]+="[^"<]*")*)(\/?)>/g,
  )) {
    if (end) {
      if (open.pop() !== name) wrong.push(tag)
      continue
    }
    const parent = open.at(-1)
    const [known = ''] = schema[name] ?? []
    const names = Array.from(attributes.matchAll(/ ([\w-]+)=/g), ([, attribute = '']) => attribute)
    if (parent && !schema[parent]?.[1].split(' ').includes(name)) wrong.push(`${parent} > ${tag}`)
    if (names.some((attribute) => !known.split(' ').includes(attribute))) wrong.push(tag)
    if (!alone) open.push(name)
  }
  expect([wrong, open]).toEqual([[], []])
  expect(xml.match(/<testcase /g)?.length).toBeGreaterThan(120)
  expect(xml).toContain('[[ATTACHMENT|files/node20@x86_64/test/accounts/case-8.test.ts/output.txt]]')
})
