import type { Position } from '../../yaml/problem.ts'

interface StepBase {
  readonly name: string
  readonly position: Position
  /** Name of the transport for the commands of this step. Default: the first transport of the config. */
  readonly transport?: string | undefined
  /** Limit for the whole step, in milliseconds. Default: none. */
  readonly timeoutMs?: number | undefined
  /**
   * Directory of the commands on their machine. Default: the directory of the workflow on this machine, else the
   * directory in which the transport begins.
   */
  readonly directory?: string | undefined
  /** Variables for the commands of this step. */
  readonly environment?: Readonly<Record<string, string>> | undefined
}

/** A step of commands. The first command that fails ends the step. */
export interface CommandStep extends StepBase {
  /** Lines for `sh -c`, one after the other. */
  readonly run: readonly string[]
}

/** A step of a script. */
export interface ScriptStep extends StepBase {
  /** Name of the script. */
  readonly uses: string
  /** Arguments of the script, checked by the schema of the script. */
  readonly with: unknown
}

export type Step = CommandStep | ScriptStep

/** A workflow that has been checked, with all substitutions made. */
export interface Workflow {
  /** Path of the file. */
  readonly file: string
  /** The text that was checked. */
  readonly source: string
  /** What the workflow is for, for people. */
  readonly doc?: string | undefined
  readonly steps: readonly Step[]
  /** Secret values that were substituted from the environment: to be redacted. */
  readonly secrets: readonly string[]
}
