import { drawn } from '../../page/client/element.ts'
import type { ReportAttempt, ReportMachine } from '../report-data.ts'
import { type Model, wholePool } from './model.ts'
import { startLine } from './service-starts.ts'
import { axisHeight, timeAxis } from './time-axis.ts'

export const rowHeight = 26
const barHeight = 18
/** Width of the shortest attempt in pixels: wide enough to be seen, and to be pointed at. */
const narrowest = 2

/** A drawn attempt. */
export interface Bar {
  readonly attempt: ReportAttempt
  readonly rect: SVGElement
  readonly row: number
}

export interface Drawing {
  readonly svg: SVGElement
  /** By machine, then by time. */
  readonly bars: readonly Bar[]
}

/** Draws the machines as rows, the attempts as bars, and the starts of services as lines below the bars. */
export function drawTimeline(model: Model, machines: readonly ReportMachine[], width: number): Drawing {
  const { data } = model
  const height = axisHeight + machines.length * rowHeight + 4
  const totalMs = Math.max(1, data.end - data.begin)
  const place = (begin: number, end: number): { x: number; width: number } => ({
    x: ((begin - data.begin) / totalMs) * width,
    width: Math.max(narrowest, ((end - begin) / totalMs) * width - 0.5),
  })
  const rows = new Map(machines.map((machine, row) => [machine, row] as const))
  const yOf = (row: number): number => axisHeight + row * rowHeight + (rowHeight - barHeight) / 2
  const spans = machines.flatMap((machine, row) =>
    machine.spans.map(({ begin, end, state }) =>
      drawn(
        'rect',
        { ...place(begin, end), y: yOf(row) + 5, height: barHeight - 10, class: 'span' },
        drawn('title', {}, state),
      ),
    ),
  )
  // A large run has thousands of starts within tests: those of less than a pixel appear with more detail.
  const leastMs = totalMs / width
  const visible = data.services.filter(
    ({ attempt, error, readyMs }) => attempt === undefined || error !== undefined || readyMs >= leastMs,
  )
  const starts = visible.map((service) => {
    const machine = service.machine === undefined ? wholePool : data.machines[service.machine]
    const row = rows.get(machine as ReportMachine) ?? 0
    const { begin, readyMs } = service
    return startLine(service, { ...place(begin, begin + readyMs), bottom: axisHeight + (row + 1) * rowHeight })
  })
  const bars = data.attempts.map((attempt): Bar => {
    const row = rows.get(data.machines[attempt.machine] as ReportMachine) ?? 0
    const at = place(attempt.begin, attempt.end ?? data.end)
    const rect = drawn('rect', {
      ...at,
      y: yOf(row),
      height: barHeight,
      rx: at.width > 6 ? 3 : 0,
      'stroke-width': at.width > 4 ? 1 : 0,
    })

    rect.setAttribute('class', `attempt is-${attempt.state}`)
    return { attempt, rect, row }
  })
  bars.sort((a, b) => a.row - b.row || a.attempt.begin - b.attempt.begin)
  const labels = bars.flatMap((bar) => labelOf(model, bar) ?? [])
  const stripes = machines.map((_, row) =>
    drawn('rect', {
      x: 0,
      y: axisHeight + row * rowHeight,
      width,
      height: rowHeight,
      class: row % 2 ? 'stripe odd' : 'stripe',
    }),
  )
  const axis = timeAxis(totalMs, { width, height })
  const svg = drawn('svg', { width, height, tabindex: 0, role: 'group' }, ...stripes, axis, ...spans)
  // Attempts that did not pass lie on top where many tests share a pixel.
  const upwards = bars.toSorted((a, b) => Number(isPassed(b)) - Number(isPassed(a)))
  svg.append(...upwards.map(({ rect }) => rect), ...labels, ...starts)
  return { svg, bars }
}

function isPassed({ attempt }: Bar): boolean {
  return attempt.state === 'passed'
}

/** Least width of a bar with a name, in pixels. */
const roomForName = 48
const characterWidth = 6.2

/** Writes the end of a test's name into a bar with room: the end tells more than the beginning. */
function labelOf(model: Model, { attempt, rect }: Bar): SVGElement | undefined {
  const width = Number(rect.getAttribute('width'))
  if (width < roomForName) return undefined
  const name = shortName(model.testOf(attempt)?.name ?? '')
  const room = Math.floor((width - 10) / characterWidth)
  const text = name.length > room ? `…${name.slice(1 - room)}` : name
  const [x, y] = [Number(rect.getAttribute('x')) + 5, Number(rect.getAttribute('y')) + 13]
  return drawn('text', { x, y, class: 'bar-name', 'aria-hidden': 'true' }, text)
}

/** Returns `refund` for `test/billing/refund.test.ts`. */
function shortName(name: string): string {
  const last = name.split('/').filter(Boolean).at(-1) ?? name
  return last.replace(/(\.(test|spec))?\.[cm]?[jt]sx?$/, '')
}
