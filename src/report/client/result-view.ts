import { ansiText } from '../../page/client/ansi-text.ts'
import { element } from '../../page/client/element.ts'
import { formatDuration, formatTime } from '../../page/client/format.ts'
import { textView } from '../../page/client/text-view.ts'
import type { ReportAttempt, ReportResult, ReportService, ReportTest } from '../report-data.ts'
import type { Model } from './model.ts'
import { startsText } from './service-starts.ts'
import { statusMark } from './status-mark.ts'

/** Returns a result with its note and files. The status of the whole test stands above the results. */
export function resultView({ name, status, note, files = [] }: ReportResult): HTMLElement {
  return element(
    'div',
    { class: 'result' },
    name !== undefined && element('p', { class: 'result-head' }, statusMark(status), ` ${name}`),
    note !== undefined && noteView(note),
    ...files.map(textView),
  )
}

function noteView(note: string): HTMLElement {
  const view = element('div', { class: 'note' })
  view.append(ansiText(note))
  return view
}

/** Returns an attempt: place and time, the end, the reason to run the test again, and the files left. */
export function attemptView(
  model: Model,
  attempt: ReportAttempt,
  { isOpen = true }: { readonly isOpen?: boolean } = {},
): HTMLElement {
  const { number, state, note, rerun, output, results = [] } = attempt
  return element(
    'details',
    { class: 'result', open: isOpen },
    element('summary', { class: 'result-head' }, statusMark(state), ` Attempt ${number} ${placeText(model, attempt)}`),
    rerun !== undefined && element('p', { class: 'faint' }, `Run again: ${rerun}`),
    note !== undefined && noteView(note),
    servicesView(model.servicesOf(attempt)),
    output !== undefined && textView(output),
    ...results.map(resultView),
  )
}

/** Returns `Services of the test: db 40 ms (tenant), api 120 ms`, then the errors of failed starts. */
function servicesView(services: readonly ReportService[]): HTMLElement | false {
  if (services.length === 0) return false
  const errors = services.flatMap(({ error }) => (error === undefined ? [] : [noteView(error)]))
  return element(
    'div',
    {},
    element('p', { class: 'faint' }, `Services of the test: ${startsText(services)}`),
    ...errors,
  )
}

/** Returns `on local-1, 12:00:05, 3.2 s, exit code 1`. */
function placeText(model: Model, attempt: ReportAttempt): string {
  const { begin, exitCode, signal } = attempt
  const machine = model.machineOf(attempt)
  const parts = [formatTime(begin), formatDuration(model.durationOf(attempt))]
  if (machine) parts.unshift(`on ${model.machineName(machine)}`)
  if (exitCode !== undefined) parts.push(`exit code ${exitCode}`)
  if (signal !== undefined) parts.push(signal)
  return parts.join(', ')
}

/** Returns all known facts of a test. */
export function testView(model: Model, test: ReportTest): HTMLElement[] {
  const attempts = model.attemptsOf(test).map((attempt) => attemptView(model, attempt))
  return [
    element('p', { class: 'facts' }, statusMark(test.status), ` ${test.platform}`),
    ...test.results.slice(0, mostParts).map(resultView),
    ...(test.results.length > mostParts
      ? [element('p', {}, `… and ${test.results.length - mostParts} more results`)]
      : []),
    element('h3', {}, attempts.length === 1 ? 'Attempt' : 'Attempts'),
    ...attempts,
  ]
}

/** Results shown of a test; failures come first. */
const mostParts = 500
