import { drawn, element } from '../../page/client/element.ts'
import { formatDuration, formatTime } from '../../page/client/format.ts'
import { LazyList } from '../../page/client/lazy-list.ts'
import type { ReportService } from '../report-data.ts'
import type { Model } from './model.ts'
import { startText } from './service-starts.ts'

/** Returns how long each service took to start, failed starts first; `undefined` without services on record. */
export function services(model: Model): HTMLElement | undefined {
  const all = model.data.services.toSorted((a, b) => Number(hasFailed(b)) - Number(hasFailed(a)) || a.begin - b.begin)
  if (all.length === 0) return undefined
  const longest = all.reduce((most, { readyMs }) => Math.max(most, readyMs), 1)
  const rows = new LazyList<ReportService>((service) => rowOf(model, service, longest), 'rows')
  rows.show(all)
  const head = ['Service', 'Machine', 'Begin', 'Ready after', ''].map((text) => element('th', { scope: 'col' }, text))
  return element(
    'section',
    { id: 'services', 'aria-labelledby': 'services-title' },
    element('h2', { id: 'services-title' }, `Start of services (${all.length.toLocaleString()})`),
    element(
      'div',
      { class: 'wide', tabindex: 0, role: 'region', 'aria-labelledby': 'services-title' },
      element('table', {}, element('thead', {}, element('tr', {}, ...head)), rows.element),
    ),
  )
}

function hasFailed({ error }: ReportService): boolean {
  return error !== undefined
}

function rowOf(model: Model, service: ReportService, longest: number): HTMLElement {
  const { name, begin, error } = service
  return element(
    'tr',
    { class: error !== undefined && 'is-failed' },
    element('th', { scope: 'row' }, name),
    element('td', {}, model.placeOf(service)),
    element('td', {}, formatTime(begin)),
    element('td', { class: error === undefined ? 'number' : 'number mark' }, startText(service)),
    element('td', { class: 'start' }, barOf(service, longest), element('small', {}, partsText(model, service))),
  )
}

/** Draws the parts of a start from left to right. */
function barOf({ readyMs, steps, error }: ReportService, longest: number): SVGElement {
  const parts = steps.length > 0 ? steps : [{ name: 'start', ms: readyMs }]
  let at = 0
  const rects = parts.map(({ name, ms }, index) => {
    const rect = drawn('rect', { x: (at / longest) * 100, y: 0, height: 10, width: (ms / longest) * 100 })
    rect.setAttribute('class', error === undefined ? `step-${index % 3}` : 'is-failed')
    rect.append(drawn('title', {}, `${name}: ${formatDuration(ms)}`))
    at += ms
    return rect
  })
  return drawn('svg', { viewBox: '0 0 100 10', preserveAspectRatio: 'none', 'aria-hidden': 'true' }, ...rects)
}

/** Returns `for test/login.test.ts, tenant`, `prepare 40 ms, start 60 ms`, the error, and the note. */
function partsText(model: Model, { attempt: position = -1, steps, note, isTenant, error }: ReportService): string {
  const attempt = model.data.attempts[position]
  const test = attempt && model.testOf(attempt)
  const texts = [
    test && `for ${model.testName(test)}`,
    isTenant && 'tenant of a running service',
    ...steps.map(({ name, ms }) => `${name} ${formatDuration(ms)}`),
    note,
    error?.split('\n', 1)[0],
  ]
  return texts.filter(Boolean).join(', ')
}
