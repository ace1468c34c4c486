import { mkdtempSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'vitest'
import { parse } from 'yaml'
import { findStack } from '../../src/config/stack.ts'
import type { TransportOptions } from '../../src/config/transport-options.ts'
import type { WorkflowConfig } from '../../src/workflow/config/workflow-config.ts'
import type { Step } from '../../src/workflow/document/workflow.ts'
import { openOutput } from '../../src/workflow/output/output-directory.ts'
import type { CommandState, WorkflowState } from '../../src/workflow/output/step-record.ts'
import { runWorkflow, type WorkflowRunOptions, type WorkflowSummary } from '../../src/workflow/run-workflow.ts'
import type { FoundScript, Script } from '../../src/workflow/script/script.ts'
import { planSteps, type StepChoice } from '../../src/workflow/step-plan.ts'
import type { WorkflowEvent } from '../../src/workflow/workflow-event.ts'

/** A step without its place in a file: commands, or the body of a script. */
export type TestStep = Readonly<Record<string, unknown>> & {
  readonly name: string
  readonly run?: readonly string[]
  readonly script?: Script
}

type RunChoice = Partial<Pick<WorkflowRunOptions, 'failFast' | 'tags' | 'signal' | 'forceSignal'>> &
  StepChoice & {
    readonly transports?: Readonly<Record<string, TransportOptions>>
    readonly config?: Partial<WorkflowConfig>
    readonly onEvent?: (event: WorkflowEvent) => void
  }

/** Runs workflows in a directory of a test, in this process. */
export class WorkflowGround {
  readonly directory: string
  readonly output: string
  readonly events: WorkflowEvent[] = []

  constructor(parent: string) {
    this.directory = mkdtempSync(join(parent, 'workflow-'))
    this.output = join(this.directory, 'workflow-output')
  }

  async run(steps: readonly TestStep[], choice: RunChoice = {}): Promise<WorkflowSummary> {
    const { transports = {}, config, names, from, onEvent = () => {}, ...options } = choice
    const file = join(this.directory, 'workflow.yaml')
    const servicesOf: WorkflowConfig['servicesOf'] = (names, signal) =>
      findStack({ directory: this.directory, names, signal })
    const workflow = { file, source: 'steps: []\n', steps: steps.map(stepOf), secrets: [] }
    await using output = await openOutput(this.output, { continues: from !== undefined })
    return await runWorkflow({
      workflow,
      plan: planSteps(workflow, { names, from }),
      config: { ...emptyConfig, servicesOf, transports: new Map(Object.entries(transports)), ...config },
      findScript: (name) => scriptOf(name, steps),
      output,
      signal: new AbortController().signal,
      forceSignal: new AbortController().signal,
      onEvent: (event) => {
        this.events.push(event)
        onEvent(event)
      },
      ...options,
    })
  }

  text(path: string): string {
    return readFileSync(join(this.output, path), 'utf8')
  }

  get state(): WorkflowState {
    return parse(this.text('workflow.state'))
  }

  /** State of a command, such as `001_build/cmd_01`. */
  command(path: string): CommandState {
    return parse(this.text(`${path}.state`))
  }
}

export const emptyConfig: WorkflowConfig = {
  files: [],
  transports: new Map(),
  secrets: [],
  value: () => undefined,
  paths: () => [],
  servicesOf: async () => expect.unreachable('no test asks for services'),
}

function stepOf({ script, ...step }: TestStep): Step {
  const position = { line: 1, column: 1 }
  return script ? { ...step, position, uses: step.name, with: {} } : ({ ...step, position } as unknown as Step)
}

function scriptOf(name: string, steps: readonly TestStep[]): FoundScript | undefined {
  const script = steps.find((step) => step.name === name)?.script
  return script && { name, origin: 'project', load: async () => ({ default: script as Script<never> }) }
}
