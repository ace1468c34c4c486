import { createLogUpdate } from 'log-update'
import { clearInterval, monotonicMs, setInterval } from '../../kernel/clock.ts'
import type { PoolEvent } from '../../pool/pool-event.ts'
import { canRedraw } from '../terminal/can-redraw.ts'
import type { DisplayOptions } from '../terminal/display.ts'
import { describeAttempt, describeView } from './pool-text.ts'
import { PoolView } from './pool-view.ts'

/** Shows the events of a pool on standard error. */
export interface PoolDisplay {
  onEvent(event: PoolEvent): void
  end(): void
}

const frameMs = 100

/**
 * Shows the machines as rows in a terminal, below the unsuccessful attempts; otherwise a line for each attempt, or with
 * `quiet` for each unsuccessful attempt.
 */
export function createPoolDisplay({ quiet = false, verbose }: DisplayOptions): PoolDisplay {
  return canRedraw() && !verbose && !quiet ? createLiveDisplay() : createPlainDisplay(quiet)
}

function createPlainDisplay(isQuiet: boolean): PoolDisplay {
  const view = new PoolView()
  return {
    onEvent: (event) => {
      view.add(event, monotonicMs())
      if (event.type !== 'attempt-end' || (isQuiet && event.attempt.state === 'passed')) return
      process.stderr.write(`${describeAttempt(event, view.reason(event.machine))}\n`)
    },
    end: () => {},
  }
}

function createLiveDisplay(): PoolDisplay {
  const view = new PoolView()
  const draw = createLogUpdate(process.stderr)
  const redraw = (): void => {
    const { rows, columns } = process.stderr
    draw(describeView(view, monotonicMs(), { rows: rows - 1, columns }).join('\n'))
  }
  // A display must not keep the process alive.
  const timer = setInterval(redraw, frameMs).unref()
  return {
    onEvent: (event) => {
      view.add(event, monotonicMs())
      if (event.type !== 'attempt-end' || event.attempt.state === 'passed') return
      draw.clear()
      process.stderr.write(`${describeAttempt(event, view.reason(event.machine))}\n`)
      redraw()
    },
    end: () => {
      clearInterval(timer)
      draw.clear()
      draw.done()
    },
  }
}
