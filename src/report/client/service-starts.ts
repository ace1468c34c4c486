import { drawn } from '../../page/client/element.ts'
import { formatDuration } from '../../page/client/format.ts'
import type { ReportService } from '../report-data.ts'

const height = 3

/** Returns `40 ms`, or `failed after 40 ms`. */
export function startText({ readyMs, error }: ReportService): string {
  return error === undefined ? formatDuration(readyMs) : `failed after ${formatDuration(readyMs)}`
}

/** Returns `db 40 ms (tenant), api 120 ms`. */
export function startsText(services: readonly ReportService[]): string {
  return services
    .map((service) => `${service.name} ${startText(service)}${service.isTenant ? ' (tenant)' : ''}`)
    .join(', ')
}

/** Draws the start of a service as a line at the lower edge of a row. */
export function startLine(
  service: ReportService,
  { bottom, ...place }: { readonly x: number; readonly width: number; readonly bottom: number },
): SVGElement {
  const { name, error } = service
  const kind = error === undefined ? '' : ' is-failed'
  const title = drawn('title', {}, `start of ${name}: ${startText(service)}`)
  return drawn('rect', { ...place, y: bottom - height, height, class: `start${kind}` }, title)
}
