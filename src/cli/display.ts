import type { SessionEvent, SessionListener } from '../session/events.ts'
import { describeDeath, describeEvent, describeHealth, isSettled, isStep } from './event-text.ts'

/** Shows what happens to services on standard error: standard output is only for what is to be evaluated. */
export interface Display {
  readonly onEvent: SessionListener
  /** One line for a person. */
  say(line: string): void
  /** Leaves the live display, if there is one, as it is. */
  end(): void
}

export interface DisplayOptions {
  readonly quiet?: boolean | undefined
  /** Every step on a line of its own, its beginning too. */
  readonly verbose?: boolean | undefined
}

export async function createDisplay(options: DisplayOptions): Promise<Display> {
  const display = await chooseDisplay(options)
  const onEvent: SessionListener = (event) => {
    const failure = describeFailure(event)
    if (failure === undefined) return display.onEvent(event)
    display.end()
    // No step but an error, which is said in quiet too.
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
  if (verbose || !process.stderr.isTTY) return createPlainDisplay(verbose)
  const { createLiveDisplay } = await import('./live-display.ts')
  return createLiveDisplay()
}

function createPlainDisplay(verbose = false): Display {
  const say = (line: string): void => void process.stderr.write(`${line}\n`)
  return {
    say,
    end: () => {},
    // The beginning of something is no line of its own where lines stay.
    onEvent: (event) => {
      if (!isStep(event)) return
      if (isSettled(event)) say(describeEvent(event, event.tookMs))
      else if (verbose) say(describeEvent(event))
    },
  }
}
