import { join } from 'node:path'
import { timestamp } from '../../kernel/clock.ts'
import { onOutputDisk } from './output-disk.ts'
import type { RecordWriter } from './record-file.ts'
import { stateFile } from './record-schemas.ts'
import type { StepState, WorkflowState } from './step-record.ts'

type Facts = Omit<WorkflowState, 'begin' | 'end' | 'outcome' | 'steps'>

/** The file `workflow.state`, written again after each change. */
export class StateFile {
  readonly #path: string
  readonly #records: RecordWriter
  readonly #steps: StepState[]
  /** The YAML of each step: a workflow may have many, and only one changes at a time. */
  readonly #texts: string[]
  #head: Omit<WorkflowState, 'steps'>

  constructor(directory: string, facts: Facts & { readonly steps: readonly StepState[] }, records: RecordWriter) {
    const { steps, ...head } = facts
    this.#path = join(directory, stateFile)
    this.#records = records
    this.#head = { ...head, begin: timestamp(), outcome: 'running' }
    this.#steps = [...steps]
    this.#texts = steps.map((step) => this.#stepText(step))
    this.#write()
  }

  get state(): WorkflowState {
    return { ...this.#head, steps: this.#steps }
  }

  /** Changes a step. Returns the new state of the step. @throws ERR_RESULTS */
  update(index: number, changes: Partial<StepState>): StepState {
    const step = { ...(this.#steps[index] as StepState), ...changes }
    this.#steps[index] = step
    this.#texts[index] = this.#stepText(step)
    this.#write()
    return step
  }

  /** Writes the outcome. @throws ERR_RESULTS */
  finish(outcome: WorkflowState['outcome']): void {
    this.#head = { ...this.#head, outcome, end: timestamp() }
    this.#write()
  }

  #write(): void {
    const steps = this.#texts.length === 0 ? 'steps: []\n' : `steps:\n${this.#texts.join('')}`
    const text = `${this.#records.text(this.#head)}${steps}`
    onOutputDisk(this.#path, () => this.#records.write(this.#path, this.state, text))
  }

  #stepText(step: StepState): string {
    return this.#records.text([step])
  }
}
