import { element } from '../../page/client/element.ts'
import { LazyList } from '../../page/client/lazy-list.ts'
import type { ReportAttempt } from '../report-data.ts'
import type { Filter } from './filter.ts'
import { filteredSection } from './filtered-section.ts'
import type { Model } from './model.ts'
import { attemptView } from './result-view.ts'

/** Returns the attempts that did not count, each with the reason; `undefined` if all attempts count. */
export function attempts(model: Model, filter: Filter): HTMLElement | undefined {
  const others = model.data.attempts.filter(isRemarkable)
  if (others.length === 0) return undefined
  const list = new LazyList<ReportAttempt>((attempt) => {
    const test = model.testOf(attempt)
    const head = element('summary', {}, element('span', { class: 'name' }, test ? model.testName(test) : ''))
    const details = element('details', { class: `failure is-${attempt.state}` }, head)
    head.append(element('span', { class: 'hint' }, `attempt ${attempt.number}, ${reasonOf(attempt)}`))
    details.append(element('div', { class: 'content' }, attemptView(model, attempt)))
    return element('li', {}, details)
  })
  const accepts = (attempt: ReportAttempt): boolean => {
    const test = model.testOf(attempt)
    return test !== undefined && filter.accepts(test)
  }
  return filteredSection(filter, { id: 'attempts', title: 'Attempts that did not count', list, items: others, accepts })
}

function isRemarkable({ state, rerun }: ReportAttempt): boolean {
  return rerun !== undefined || ['lost', 'canceled', 'unfinished'].includes(state)
}

function reasonOf({ state, rerun, note }: ReportAttempt): string {
  const reasons: Readonly<Record<string, string>> = {
    lost: 'another host ran the test',
    canceled: 'the run was canceled',
    unfinished: 'the process was killed, or still runs',
  }
  const reason = rerun ?? note ?? reasons[state] ?? ''
  return reason.startsWith(state) ? reason : `${state}: ${reason}`
}
