import { element } from '../../page/client/element.ts'
import { formatCount, formatDate, formatDuration } from '../../page/client/format.ts'
import type { ReportRun } from '../report-data.ts'
import { byUrgency, isFailure } from '../statuses.ts'
import type { Filter } from './filter.ts'
import type { Model } from './model.ts'
import { statusClass, statusMark } from './status-mark.ts'

/** Returns the head of the page: outcome, time, place, and the number of tests of each status. */
export function summary(model: Model, filter: Filter, headline: string): HTMLElement {
  const { problems, runs } = model.data
  return element(
    'section',
    { class: 'summary', 'aria-label': 'Summary' },
    element('h1', {}, headline),
    element('p', { class: 'facts' }, factsOf(model)),
    ...runs.flatMap((run) => warningsOf(run, model)),
    problems.length > 0 &&
      element(
        'details',
        { class: 'warning' },
        element('summary', {}, `${formatCount(problems.length, 'part')} of the results could not be read`),
        element('ul', {}, ...problems.map((problem) => element('li', {}, problem))),
      ),
    ...statusBar(model, filter),
    hostsView(runs),
  )
}

function factsOf(model: Model): string {
  const { begin, end, machines, attempts } = model.data
  const wall = end - begin
  const work = attempts.reduce((sum, attempt) => sum + model.durationOf(attempt), 0)
  const facts = [formatDate(begin), formatDuration(wall), formatCount(machines.length, 'machine')]
  if (model.hosts.size > 1) facts.push(formatCount(model.hosts.size, 'host'))
  if (wall > 0 && work > wall) facts.push(`${formatDuration(work)} of work, ${(work / wall).toFixed(1)} at a time`)
  const flaky = model.data.tests.filter((test) => test.attempts.length > 1 && !isFailure(test.status)).length
  if (flaky > 0) facts.push(`${formatCount(flaky, 'test')} passed only when run again`)
  return facts.join(' · ')
}

function warningsOf({ host, end, reason, notRun, outcome }: ReportRun, { data }: Model): HTMLElement[] {
  const texts: string[] = []
  if (end === undefined) texts.push(`The run on ${host} did not come to its end; this is what it left.`)
  if (outcome === 'canceled') texts.push(`The run on ${host} was canceled.`)
  // Tests that were canceled are in the list of tests, and in the headline.
  const begun = data.tests.filter(({ status }) => status === 'canceled' || status === 'unfinished').length
  const notBegun = data.runs.length > 1 ? notRun : notRun - begun
  if (notBegun > 0) texts.push(`${formatCount(notBegun, 'test')} did not run.`)
  if (reason !== undefined) texts.push(reason)
  return texts.map((text) => element('p', { class: 'warning' }, text))
}

/** Returns the bar of shares, and the buttons of the filter by status. */
function statusBar({ data }: Model, filter: Filter): HTMLElement[] {
  const counts = new Map<string, number>()
  for (const { status } of data.tests) counts.set(status, (counts.get(status) ?? 0) + 1)
  const ordered = [...counts].sort(([a], [b]) => byUrgency(a, b))
  const shares = ordered.map(([status, count]) =>
    element('span', { class: statusClass(status), style: `flex-grow: ${count}` }),
  )
  const buttons = ordered.map(([status, count]) => {
    const button = element('button', { type: 'button', class: 'chip', 'aria-pressed': 'false' })
    button.append(statusMark(status), ` ${count.toLocaleString()}`)
    button.addEventListener('click', () => filter.toggle(status))
    filter.onChange(() => button.setAttribute('aria-pressed', String(filter.statuses.has(status))))
    return button
  })
  return [
    element('div', { class: 'shares', 'aria-hidden': 'true' }, ...shares),
    element('div', { class: 'chips', role: 'group', 'aria-label': 'Filter by status' }, ...buttons),
  ]
}

function hostsView(runs: readonly ReportRun[]): HTMLElement {
  const rows = runs.map(({ host, versions, config }) => {
    const texts = Object.entries(versions).map(([name, version]) => `${name} ${version}`)
    const settings = config === null || config === undefined ? '' : JSON.stringify(config, null, 2)
    return element(
      'li',
      {},
      element('strong', {}, host),
      ` ${texts.join(', ')}`,
      settings !== '' && element('pre', { tabindex: 0, role: 'region', 'aria-label': `Config on ${host}` }, settings),
    )
  })
  return element(
    'details',
    { class: 'hosts' },
    element('summary', {}, 'Host, versions and config'),
    element('ul', {}, ...rows),
  )
}
