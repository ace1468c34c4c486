import { drawn, element } from '../../page/client/element.ts'
import { formatDuration, formatTime } from '../../page/client/format.ts'
import type { ReportService } from '../report-data.ts'

/** Returns how long each service took to start; `undefined` without services on record. */
export function services(all: readonly ReportService[]): HTMLElement | undefined {
  if (all.length === 0) return undefined
  const longest = Math.max(...all.map(({ readyMs }) => readyMs), 1)
  const rows = all.toSorted((a, b) => a.begin - b.begin).map((service) => rowOf(service, longest))
  const head = ['Service', 'Machine', 'Begin', 'Ready after', ''].map((text) => element('th', { scope: 'col' }, text))
  return element(
    'section',
    { id: 'services', 'aria-labelledby': 'services-title' },
    element('h2', { id: 'services-title' }, `Start of services (${all.length.toLocaleString()})`),
    element(
      'div',
      { class: 'wide', tabindex: 0, role: 'region', 'aria-labelledby': 'services-title' },
      element('table', {}, element('thead', {}, element('tr', {}, ...head)), element('tbody', {}, ...rows)),
    ),
  )
}

function rowOf(service: ReportService, longest: number): HTMLElement {
  const { name, machine, begin, readyMs } = service
  const time = element('td', { class: 'number' }, formatDuration(readyMs))
  return element(
    'tr',
    {},
    element('th', { scope: 'row' }, name),
    element('td', {}, machine),
    element('td', {}, formatTime(begin)),
    time,
    element('td', { class: 'start' }, barOf(service, longest), element('small', {}, partsText(service))),
  )
}

/** Draws the parts of a start from left to right. */
function barOf({ readyMs, steps }: ReportService, longest: number): SVGElement {
  const parts = steps.length > 0 ? steps : [{ name: 'start', ms: readyMs }]
  let at = 0
  const rects = parts.map(({ name, ms }, index) => {
    const rect = drawn('rect', { x: (at / longest) * 100, y: 0, height: 10, width: (ms / longest) * 100 })
    rect.setAttribute('class', `step-${index % 3}`)
    rect.append(drawn('title', {}, `${name}: ${formatDuration(ms)}`))
    at += ms
    return rect
  })
  return drawn('svg', { viewBox: '0 0 100 10', preserveAspectRatio: 'none', 'aria-hidden': 'true' }, ...rects)
}

/** Returns `prepare 40 ms, start 60 ms`, and the note. */
function partsText({ steps, note }: ReportService): string {
  const texts = steps.map(({ name, ms }) => `${name} ${formatDuration(ms)}`)
  return [...texts, ...(note === undefined ? [] : [note])].join(', ')
}
