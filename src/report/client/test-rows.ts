import { element } from '../../page/client/element.ts'
import { LazyList } from '../../page/client/lazy-list.ts'
import type { ReportTest } from '../report-data.ts'
import type { Filter } from './filter.ts'
import type { Model } from './model.ts'
import { statusMark } from './status-mark.ts'

/** Returns the list of all tests accepted by the filter, in the order of names. */
export function testRows(model: Model, filter: Filter, show: (test: ReportTest) => void): HTMLElement {
  const tests = model.data.tests.toSorted((a, b) => a.name.localeCompare(b.name, undefined, { numeric: true }))
  const list = new LazyList<ReportTest>((test) => rowOf(model, test, show))
  const title = element('h2', { id: 'tests-title', 'aria-live': 'polite' })
  const none = element('p', { class: 'faint' }, 'No test matches the filter. Escape ends it.')
  const update = (): void => {
    const shown = tests.filter((test) => filter.accepts(test))
    const all = tests.length.toLocaleString()
    title.textContent = filter.isActive ? `Tests (${shown.length.toLocaleString()} of ${all})` : `Tests (${all})`
    none.hidden = shown.length > 0 || !filter.isActive
    list.show(shown)
  }
  filter.onChange(update)
  update()
  return element('section', { id: 'tests', 'aria-labelledby': 'tests-title' }, title, none, list.element)
}

function rowOf(model: Model, test: ReportTest, show: (test: ReportTest) => void): HTMLElement {
  const parts = test.results.filter(({ name }) => name !== undefined).length
  const details = [
    parts > 0 && `${parts.toLocaleString()} part${parts === 1 ? '' : 's'}`,
    test.attempts.length > 1 && `${test.attempts.length} attempts`,
    model.durationText(test),
  ]
  const button = element(
    'button',
    { type: 'button', class: 'row', click: () => show(test) },
    statusMark(test.status),
    element('span', { class: 'name' }, model.testName(test)),
    element('span', { class: 'faint' }, details.filter(Boolean).join(' · ')),
  )
  return element('li', {}, button)
}
