import { drawn } from '../../page/client/element.ts'
import { formatDuration } from '../../page/client/format.ts'

export const axisHeight = 22

/** Pixels between two marks, at least. */
const narrowest = 90
const second = 1_000
const minute = 60 * second
const hour = 60 * minute
const steps = [
  ...[10, 20, 50, 100, 200, 500],
  ...[1, 2, 5, 10, 15, 30].map((count) => count * second),
  ...[1, 2, 5, 10, 15, 30].map((count) => count * minute),
  ...[1, 2, 3, 6, 12, 24].map((count) => count * hour),
]

/** Draws the marks of an axis from 0 to `totalMs`, in `width` pixels. */
export function timeAxis(
  totalMs: number,
  { width, height }: { readonly width: number; readonly height: number },
): SVGElement {
  const enough = (narrowest * totalMs) / width
  const step = steps.find((each) => each >= enough) ?? Math.ceil(enough / hour) * hour
  const axis = drawn('g', { class: 'axis', 'aria-hidden': 'true' })
  for (let at = 0; at <= totalMs; at += step) {
    const x = Math.round((at / totalMs) * width) + 0.5
    axis.append(drawn('line', { x1: x, x2: x, y1: axisHeight - 6, y2: height }))
    if (x < width - narrowest / 2) axis.append(drawn('text', { x: x + 4, y: axisHeight - 9 }, markText(at, step)))
  }
  return axis
}

function markText(at: number, step: number): string {
  if (at === 0) return '0'
  if (at < minute) return step < second ? `${(at / second).toFixed(step < 100 ? 2 : 1)} s` : `${at / second} s`
  return formatDuration(at).replace(' 0 s', '').replace(' 0 min', '')
}
