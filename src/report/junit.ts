import type { ReportAttempt, ReportData, ReportFile, ReportResult, ReportTest } from './report-data.ts'
import { isFailure } from './statuses.ts'
import { xmlElement } from './xml.ts'

/** Elements for the outcomes of a test case. */
interface Counts {
  tests: number
  failures: number
  errors: number
  skipped: number
}

/**
 * Returns the results as JUnit XML, in the form for Jenkins, GitLab and Maven Surefire: a suite for each platform, a
 * case for each result. The class of a case is its test.
 *
 * @see https://github.com/jenkinsci/xunit-plugin the schema junit-10.xsd, without `skipped` for all suites
 */
export function junitXml(data: ReportData): string {
  const platforms = [...new Set(data.tests.map(({ platform }) => platform))]
  const suites = platforms.map((platform) => suiteOf(platform, data))
  const { skipped, ...counts } = totalOf(suites.map((suite) => suite.counts))
  const all = { name: 'pool', ...counts, time: seconds(data.end - data.begin) }
  return `<?xml version="1.0" encoding="UTF-8"?>\n${xmlElement(
    'testsuites',
    all,
    suites.map(({ xml }) => xml),
  )}\n`
}

interface Suite {
  readonly xml: string
  readonly counts: Counts
}

function suiteOf(platform: string, data: ReportData): Suite {
  const tests = data.tests.filter((test) => test.platform === platform)
  const all = tests.flatMap((test) => casesOf(test).map((one) => ({ test, one })))
  const counts = totalOf(all.map(({ one }) => countsOf(one.status)))
  const timeMs = tests.reduce((sum, test) => sum + durationOf(lastAttempt(test, data)), 0)
  const timestamp = new Date(data.begin).toISOString().slice(0, 19)
  const hostname = data.runs[0]?.host ?? 'unknown'
  const cases = all.map(({ test, one }) => caseXml(test, one, data))
  const attributes = { name: platform, ...counts, time: seconds(timeMs), timestamp, hostname }
  return { xml: xmlElement('testsuite', attributes, ['<properties/>', ...cases]), counts }
}

interface Case extends ReportResult {
  /** Whether the case has the time and the earlier attempts of the test. */
  readonly isMain: boolean
}

/**
 * Returns the cases of a test. A test that failed because of parts counts no second time: the first failed part takes
 * the place of the whole test.
 */
function casesOf({ results, status }: ReportTest): readonly Case[] {
  if (results.length === 0) return [{ status, note: 'the test has no result', isMain: true }]
  const whole = results.find(({ name }) => name === undefined)
  const failed = results.find((result) => result !== whole && isFailure(result.status))
  if (whole?.status !== 'fail' || !failed) return results.map((result) => ({ ...result, isMain: result === whole }))
  const main = { ...failed, files: [...(failed.files ?? []), ...(whole.files ?? [])], isMain: true }
  const others = results.filter((result) => result !== whole && result !== failed)
  return [main, ...others.map((result) => ({ ...result, isMain: false }))]
}

function caseXml(test: ReportTest, result: Case, data: ReportData): string {
  const { isMain } = result
  const attributes = {
    name: result.name ?? test.name,
    classname: test.name,
    // A test reports no times of parts.
    time: seconds(isMain ? durationOf(lastAttempt(test, data)) : 0),
  }
  const reruns = isMain ? rerunsOf(test, result, data) : []
  const outputs = (result.files ?? []).map((file) => {
    const text = file.name === failureFile ? '' : textOf(file)
    return `${file.name}:\n${text}[[ATTACHMENT|${decodeURIComponent(file.href)}]]`
  })
  const output = outputs.length > 0 ? [xmlElement('system-out', {}, [{ text: outputs.join('\n\n') }])] : []
  return xmlElement('testcase', attributes, [...outcomeOf(result), ...reruns, ...output])
}

/** File with the whole text of a failure. GitLab shows the text of the failure itself, and no output. */
const failureFile = 'failure.txt'

function textOf({ excerpt }: ReportFile): string {
  return excerpt ? `${excerpt.head}${excerpt.cutBytes > 0 ? '\n…\n' : ''}${excerpt.tail}\n` : ''
}

function outcomeOf({ status, note = '', files = [] }: ReportResult): string[] {
  const name = outcomeName(status)
  if (!name) return []
  const [message = ''] = (note || status).split('\n', 1)
  if (name === 'skipped') return [xmlElement(name, { message }, [])]
  const text = files.filter((file) => file.name === failureFile).map(textOf)[0] || note
  return [xmlElement(name, { message, type: status }, text ? [{ text }] : [])]
}

function outcomeName(status: string): 'failure' | 'error' | 'skipped' | undefined {
  if (status === 'fail') return 'failure'
  if (['error', 'infra', 'unfinished'].includes(status)) return 'error'
  return ['skip', 'canceled'].includes(status) ? 'skipped' : undefined
}

/** Returns the attempts before the last, in the form of Surefire: of a test that passed at last, or failed again. */
function rerunsOf(test: ReportTest, result: ReportResult, data: ReportData): string[] {
  const attempts = test.attempts.slice(0, -1).flatMap((index) => data.attempts[index] ?? [])
  const kind = outcomeName(result.status) === undefined ? 'flaky' : 'rerun'
  return attempts.map(({ state, rerun, note }) => {
    const message = rerun ?? note ?? state
    return xmlElement(`${kind}${state === 'failed' ? 'Failure' : 'Error'}`, { message, type: state }, [])
  })
}

function lastAttempt({ attempts }: ReportTest, data: ReportData): ReportAttempt | undefined {
  return data.attempts[attempts.at(-1) ?? -1]
}

function durationOf(attempt: ReportAttempt | undefined): number {
  return attempt?.end === undefined ? 0 : Math.max(0, attempt.end - attempt.begin)
}

function seconds(ms: number): string {
  return (Math.max(0, ms) / 1_000).toFixed(3)
}

function countsOf(status: string): Counts {
  const name = outcomeName(status)
  const is = (wanted: string): number => (name === wanted ? 1 : 0)
  return { tests: 1, failures: is('failure'), errors: is('error'), skipped: is('skipped') }
}

function totalOf(all: readonly Counts[]): Counts {
  const total: Counts = { tests: 0, failures: 0, errors: 0, skipped: 0 }
  for (const counts of all)
    for (const name of ['tests', 'failures', 'errors', 'skipped'] as const) total[name] += counts[name]
  return total
}
