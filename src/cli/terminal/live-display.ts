import { createLogUpdate } from 'log-update'
import { clearInterval, monotonicMs, setInterval } from '../../kernel/clock.ts'
import { colors } from './colors.ts'
import type { Display } from './display.ts'
import { describeEvent, isSettled, isStep, type Step } from './event-text.ts'

const frames = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏']
const frameMs = 80

interface Row {
  readonly event: Step
  readonly since: number
}

/** Shows one row for each service and redraws the rows in place while any step is under way. */
export function createLiveDisplay(): Display {
  const rows = new Map<string, Row>()
  const draw = createLogUpdate(process.stderr)
  const redraw = (): void => draw([...rows.values()].map(describeRow).join('\n'))
  let timer: NodeJS.Timeout | undefined
  const settle = (): void => {
    clearInterval(timer)
    timer = undefined
    draw.done()
    rows.clear()
  }
  return {
    onEvent: (event) => {
      if (!isStep(event)) return
      // A display must not keep the process alive.
      timer ??= setInterval(redraw, frameMs).unref()
      rows.set(event.service, { event, since: beginOf(rows.get(event.service), event) })
      redraw()
      if ([...rows.values()].every((row) => isSettled(row.event))) settle()
    },
    say: (line) => {
      settle()
      process.stderr.write(`${line}\n`)
    },
    end: settle,
  }
}

/** Returns the start of a step; progress does not begin a new step. */
function beginOf(row: Row | undefined, { kind }: Step): number {
  return row && kind === 'progress' ? row.since : monotonicMs()
}

function describeRow({ event, since }: Row): string {
  if (isSettled(event)) return describeEvent(event, event.tookMs)
  const elapsedMs = monotonicMs() - since
  const frame = frames[Math.floor(elapsedMs / frameMs) % frames.length] ?? ''
  return describeEvent(event, elapsedMs, colors.cyan(frame))
}
