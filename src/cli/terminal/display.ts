import type { SessionEvent, SessionListener } from '../../session/events.ts'
import { canRedraw } from './can-redraw.ts'
import { describeDeath, describeEvent, describeHealth, isSettled, isStep } from './event-text.ts'

/** Shows the events of services on standard error; standard output is only for text to evaluate. */
export interface Display {
  readonly onEvent: SessionListener
  /** Prints one line for a person. */
  say(line: string): void
  /** Ends the live display, if any, and leaves its last state on the screen. */
  end(): void
}

export interface DisplayOptions {
  readonly quiet?: boolean | undefined
  /** Prints every step on a line of its own, including the beginning of a step. */
  readonly verbose?: boolean | undefined
}

export async function createDisplay(options: DisplayOptions): Promise<Display> {
  const display = await chooseDisplay(options)
  const onEvent: SessionListener = (event) => {
    const failure = describeFailure(event)
    if (failure === undefined) return display.onEvent(event)
    display.end()
    // A failure is not a step but an error, so `quiet` does not hide it.
    process.stderr.write(`${failure}\n`)
  }
  return { ...display, onEvent }
}

function describeFailure(event: SessionEvent): string | undefined {
  if (event.kind === 'died') return describeDeath(event)
  return event.kind === 'health' ? describeHealth(event) : undefined
}

async function chooseDisplay({ quiet, verbose }: DisplayOptions): Promise<Display> {
  if (quiet) return { onEvent: () => {}, say: () => {}, end: () => {} }
  if (verbose || !canRedraw()) return createPlainDisplay(verbose)
  const { createLiveDisplay } = await import('./live-display.ts')
  return createLiveDisplay()
}

function createPlainDisplay(verbose = false): Display {
  const say = (line: string): void => void process.stderr.write(`${line}\n`)
  return {
    say,
    end: () => {},
    // Without `verbose`, the beginning of a step gets no line, because printed lines stay. Silent seconds would be worse.
    onEvent: (event) => {
      if (!isStep(event)) return
      if (isSettled(event)) say(describeEvent(event, event.tookMs))
      else if (verbose || (event.kind === 'progress' && event.isLong)) say(describeEvent(event))
    },
  }
}
