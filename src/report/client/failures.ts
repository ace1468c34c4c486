import { ansiText } from '../../page/client/ansi-text.ts'
import { element } from '../../page/client/element.ts'
import { LazyList } from '../../page/client/lazy-list.ts'
import type { ReportTest } from '../report-data.ts'
import { byUrgency, isFailure } from '../statuses.ts'
import type { Filter } from './filter.ts'
import { filteredSection } from './filtered-section.ts'
import type { Model } from './model.ts'
import { attemptView, resultView } from './result-view.ts'
import { statusMark } from './status-mark.ts'

/** Failures with open details from the beginning. */
const opened = 5
/** Failing parts shown of a test; the panel has more. */
const mostParts = 20

/** Returns the failures, each with output and logs; `undefined` without failures. */
export function failures(model: Model, filter: Filter, show: (test: ReportTest) => void): HTMLElement | undefined {
  const failed = model.data.tests
    .filter(({ status }) => isFailure(status))
    .sort((a, b) => byUrgency(a.status, b.status))
  if (failed.length === 0) return undefined
  const list = new LazyList<ReportTest>((test) =>
    failureView(model, test, { isOpen: failed.indexOf(test) < opened, show }),
  )
  const accepts = (test: ReportTest): boolean => filter.accepts(test)
  return filteredSection(filter, { id: 'failures', title: 'Failures', list, items: failed, accepts })
}

interface Options {
  readonly isOpen: boolean
  readonly show: (test: ReportTest) => void
}

function failureView(model: Model, test: ReportTest, { isOpen, show }: Options): HTMLElement {
  const note = test.results.find((result) => result.note !== undefined)?.note ?? ''
  const details = element('details', { class: `failure is-${test.status}`, open: isOpen })
  const head = element(
    'summary',
    {},
    statusMark(test.status),
    element('span', { class: 'name' }, ` ${model.testName(test)}`),
    element('span', { class: 'hint' }, firstLine(note)),
    element('span', { class: 'faint' }, model.durationText(test)),
  )
  details.append(head)
  const fill = (): void => {
    if (details.open && details.childElementCount === 1) details.append(contentOf(model, test, show))
  }
  details.addEventListener('toggle', fill)
  fill()
  return element('li', {}, details)
}

function contentOf(model: Model, test: ReportTest, show: (test: ReportTest) => void): HTMLElement {
  const parts = test.results.filter(({ name, status }) => name !== undefined && isFailure(status))
  const own = test.results.filter(({ name }) => name === undefined)
  // A part says what is wrong; the result of the whole test has the whole output, which may be long.
  const results = [...parts.slice(0, mostParts), ...own].map(resultView)
  const attempts = model.attemptsOf(test).filter(({ results: own, output, note }) => own ?? output ?? note)
  const more = element('button', { type: 'button', class: 'more', click: () => show(test) }, 'All of this test')
  return element(
    'div',
    { class: 'content' },
    ...results,
    ...attempts.map((attempt) => attemptView(model, attempt, { isOpen: false })),
    more,
  )
}

function firstLine(text: string): string {
  return ansiText(text).textContent?.trim().split('\n', 1)[0] ?? ''
}
