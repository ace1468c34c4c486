import { element } from '../../../page/client/element.ts'
import { formatCount, formatDate, formatDuration } from '../../../page/client/format.ts'
import { statusClass, statusMark } from '../../../report/client/status-mark.ts'
import type { WorkflowPageData } from '../page-data.ts'

/** Returns the head of the page: outcome, time, place, and the number of steps of each state. */
export function summary(data: WorkflowPageData, headline: string): HTMLElement {
  const { doc, problems, outcome, steps } = data
  const counts = new Map<string, number>()
  for (const { state } of steps) counts.set(state, (counts.get(state) ?? 0) + 1)
  const shares = [...counts].map(([state, count]) =>
    element('span', { class: statusClass(state), style: `flex-grow: ${count}` }),
  )
  const states = [...counts].map(([state, count]) =>
    element('span', { class: 'state' }, statusMark(state), ` ${count.toLocaleString()}`),
  )
  return element(
    'section',
    { class: 'summary', 'aria-label': 'Summary' },
    element('h1', {}, headline),
    element('p', { class: 'facts' }, factsOf(data)),
    doc !== undefined && element('p', { class: 'doc' }, doc),
    outcome === 'running' &&
      element('p', { class: 'warning' }, 'The run did not come to its end; this is what it left.'),
    ...problems.map((problem) => element('p', { class: 'warning' }, problem)),
    element('div', { class: 'shares', 'aria-hidden': 'true' }, ...shares),
    element('div', { class: 'chips' }, ...states),
  )
}

function factsOf({ begin, elapsedMs, steps, host, tags }: WorkflowPageData): string {
  const commands = steps.reduce((sum, step) => sum + step.commands.length, 0)
  const when = begin === '' ? [] : [formatDate(Date.parse(begin))]
  const took = elapsedMs === undefined ? [] : [formatDuration(elapsedMs)]
  const facts = [...when, ...took, formatCount(commands, 'command')]
  if (host !== undefined) facts.push(`on ${host}`)
  return [...facts, ...tags.map((tag) => `#${tag}`)].join(' · ')
}
