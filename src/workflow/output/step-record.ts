/** `workflow.state`: the state of a run, written after each step. YAML. */
export interface WorkflowState {
  /** Path of the workflow file. */
  readonly workflow: string
  readonly doc?: string | undefined
  readonly tags: readonly string[]
  /** Paths of the config files. */
  readonly configs: readonly string[]
  readonly host?: string | undefined
  /** Versions of important programs, by name. */
  readonly versions?: Readonly<Record<string, string>> | undefined
  /** ISO 8601, in UTC. */
  readonly begin: string
  readonly end?: string | undefined
  readonly outcome: 'running' | 'passed' | 'failed' | 'canceled'
  readonly steps: readonly StepState[]
}

export interface StepState {
  readonly name: string
  /** What the step does: the script's name, or `run`. */
  readonly uses: string
  readonly transport: string
  readonly state: 'waiting' | 'running' | 'passed' | 'failed' | 'canceled' | 'skipped'
  /** Folder of the step, relative to the output directory: `001_build`. */
  readonly folder: string
  readonly begin?: string | undefined
  /** In seconds. */
  readonly elapsed?: number | undefined
  /** Why the step failed. */
  readonly error?: string | undefined
}

/** `cmd_01.state`: written before a command starts, and after its end. YAML. */
export interface CommandState {
  /** The line, or the program with its arguments. */
  readonly command: string | readonly string[]
  readonly transport: string
  readonly directory?: string | undefined
  /** ISO 8601, in UTC. */
  readonly begin: string
  readonly end?: string | undefined
  /** In seconds. */
  readonly elapsed?: number | undefined
  readonly exitCode?: number | undefined
  readonly signal?: string | undefined
  /** Whether the command ended by itself: `false` while running, and for a command that was canceled or lost. */
  readonly done: boolean
  /** Why the command did not end by itself. */
  readonly error?: string | undefined
}
