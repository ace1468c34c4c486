import type { ReportFile } from '../../report/report-data.ts'
import type { CommandState, StepState, WorkflowState } from '../output/step-record.ts'

/** Data in the page of a workflow. */
export interface WorkflowPageData extends Omit<WorkflowState, 'steps'> {
  /**
   * Duration of the run, in milliseconds; up to the last time on record for an unfinished run. Absent if the begin is
   * damaged.
   */
  readonly elapsedMs?: number | undefined
  /** Text of the workflow file. */
  readonly source?: string | undefined
  readonly steps: readonly PageStep[]
  /** Files that could not be read, in words. */
  readonly problems: readonly string[]
}

export interface PageStep extends StepState {
  readonly commands: readonly PageCommand[]
  /** Lines of the script for people. */
  readonly log?: ReportFile | undefined
  readonly artifacts: readonly ReportFile[]
  /** Reports of tests among the artifacts. */
  readonly tests: readonly PageTests[]
}

export interface PageCommand extends CommandState {
  /** Name of the record, such as `cmd_01`. */
  readonly id: string
  readonly output?: ReportFile | undefined
}

/** The outcome of tests that a step has run. */
export interface PageTests {
  readonly headline: string
  /** Page of the tests, relative to the page of the workflow. */
  readonly href: string
  /** The first failures; the page of the tests has all. */
  readonly failures: readonly { readonly name: string; readonly status: string; readonly note: string }[]
}
