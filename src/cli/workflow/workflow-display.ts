import { clearInterval, monotonicMs, setInterval } from '../../kernel/clock.ts'
import { oneLine } from '../../workflow/script/describe-command.ts'
import type { WorkflowEvent } from '../../workflow/workflow-event.ts'
import { canRedraw } from '../terminal/can-redraw.ts'
import { colors } from '../terminal/colors.ts'
import { createDisplay, type Display, type DisplayOptions } from '../terminal/display.ts'
import { formatMs } from '../terminal/event-text.ts'
import { MonitorLines } from './monitor-lines.ts'
import { describeFailed, describeStep } from './workflow-text.ts'

/** Shows the events of a workflow on standard error. */
export interface WorkflowDisplay {
  onEvent(event: WorkflowEvent): void
  end(): void
}

export interface WorkflowDisplayOptions extends DisplayOptions {
  /** Shows the output of all commands. */
  readonly monitor?: boolean | undefined
}

/** Shows the running step in a terminal, below the steps that have ended; otherwise a line for each step. */
export async function createWorkflowDisplay(options: WorkflowDisplayOptions): Promise<WorkflowDisplay> {
  const services = await createDisplay(options)
  const isLive = canRedraw() && !options.quiet && !options.verbose && !options.monitor
  const row = isLive ? await createRow() : undefined
  return new ShownWorkflow({ options, services, row })
}

interface Row {
  show(event: Extract<WorkflowEvent, { type: 'step' | 'command' }>): void
  clear(): void
}

interface Parts {
  readonly options: WorkflowDisplayOptions
  readonly services: Display
  readonly row: Row | undefined
}

class ShownWorkflow implements WorkflowDisplay {
  readonly #parts: Parts
  readonly #lines = new Map<string, MonitorLines>()

  constructor(parts: Parts) {
    this.#parts = parts
  }

  onEvent(event: WorkflowEvent): void {
    const { row, services, options } = this.#parts
    switch (event.type) {
      case 'step':
        row?.show(event)
        break
      case 'command':
        row?.show(event)
        if (options.monitor || options.verbose)
          this.#write(
            `${prefixOf(event.step)}${colors.bold(`$ ${oneLine(event.command, Number.POSITIVE_INFINITY)}`)}\n`,
          )
        break
      case 'output':
        if (options.monitor) this.#write(this.#linesOf(event.step).add(event.chunk))
        break
      case 'log':
        if (options.monitor || options.verbose) this.#write(`${prefixOf(event.step)}${event.text}\n`)
        break
      case 'service':
        row?.clear()
        services.onEvent(event.event)
        break
      case 'step-end':
        this.#showEnd(event)
    }
  }

  end(): void {
    this.#parts.row?.clear()
    this.#parts.services.end()
  }

  #showEnd({ step, failed }: Extract<WorkflowEvent, { type: 'step-end' }>): void {
    const { row, options } = this.#parts
    this.#write(this.#lines.get(step.name)?.end() ?? '')
    this.#lines.delete(step.name)
    row?.clear()
    if (!options.quiet || step.state === 'failed') this.#write(`${describeStep(step)}\n`)
    if (failed && !options.monitor) this.#write(`${describeFailed(failed, step.error)}\n`)
  }

  #linesOf(step: string): MonitorLines {
    const lines = this.#lines.get(step) ?? new MonitorLines(prefixOf(step))
    this.#lines.set(step, lines)
    return lines
  }

  #write(text: string): void {
    if (text !== '') process.stderr.write(text)
  }
}

function prefixOf(step: string): string {
  return `${colors.cyan(step)} ${colors.dim('|')} `
}

const frameMs = 100
const defaultColumns = 80

/** Makes the row of the running step, with its present command. */
async function createRow(): Promise<Row> {
  const { createLogUpdate } = await import('log-update')
  const draw = createLogUpdate(process.stderr)
  let text: (() => string) | undefined
  const redraw = (): void => (text ? draw(text()) : undefined)
  // A display must not keep the process alive.
  let timer: NodeJS.Timeout | undefined
  let since = 0
  return {
    show: (event) => {
      if (event.type === 'step') since = monotonicMs()
      const name = event.type === 'step' ? event.step.name : event.step
      const width = (process.stderr.columns ?? defaultColumns) - name.length - 14
      const what = event.type === 'step' ? '' : ` ${oneLine(event.command, width)}`
      text = () => `${colors.cyan('…')} ${name}${what} ${colors.dim(formatMs(monotonicMs() - since))}`
      timer ??= setInterval(redraw, frameMs).unref()
    },
    clear: () => {
      clearInterval(timer)
      timer = undefined
      text = undefined
      draw.clear()
    },
  }
}
