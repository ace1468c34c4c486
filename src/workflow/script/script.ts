import type { StandardSchema } from '../../service/options/standard-schema.ts'

/** Options of one command of a script. */
export interface CommandOptions {
  /** Name of a transport of the config; `initiator` is this machine. Default: the transport of the step. */
  readonly transport?: string | undefined
  /** Directory on the machine. Default: the directory of the step. */
  readonly directory?: string | undefined
  /** Variables besides the variables of the step and of the services. */
  readonly environment?: Readonly<Record<string, string>> | undefined
  /** Limit for the command, in milliseconds. Default: none besides the limit of the step. */
  readonly timeoutMs?: number | undefined
}

/** Options of a start of services. */
export interface ServicesOptions {
  /** Limit for the whole start, in milliseconds. Default: 60,000. */
  readonly timeoutMs?: number | undefined
}

/** The end of a command. */
export interface CommandResult {
  /** 128 + n after signal n. */
  readonly exitCode: number
  /** Name of the signal that ended the command. */
  readonly signal?: NodeJS.Signals | undefined
  /** File with standard output and standard error, in their order. */
  readonly file: string
  /** Reads the output of the command. */
  output(): Promise<string>
}

/** What a script works with. */
export interface WorkflowContext {
  /** Name of the step. */
  readonly step: string
  /** Fires when the workflow is canceled, or the time of the step is over. */
  readonly signal: AbortSignal
  /** Directory for files that the report offers. Made on first use. */
  readonly artifacts: string
  /** Output directory of the workflow. */
  readonly output: string
  /** Directory of the workflow file; relative paths begin here. */
  readonly directory: string
  /**
   * Runs a command on a machine, and keeps its output and state on record. A text is a line for `sh -c`, a list is a
   * program with its arguments. A command that fails is a result.
   *
   * @throws ERR_TRANSPORT if the machine cannot be reached; ERR_DEADLINE; ERR_CANCELED
   */
  run(command: string | readonly string[], options?: CommandOptions): Promise<CommandResult>
  /** Copies a file or a directory to the machine. @throws ERR_COMMAND; ERR_TRANSPORT; ERR_CANCELED */
  put(from: string, to: string, options?: Pick<CommandOptions, 'transport'>): Promise<void>
  /** Copies a file or a directory from the machine. @throws ERR_COMMAND; ERR_TRANSPORT; ERR_CANCELED */
  get(from: string, to: string, options?: Pick<CommandOptions, 'transport'>): Promise<void>
  /** Returns a value of the config, such as `config('a.b')`. @throws ERR_CONFIG if there is none */
  config(path: string): unknown
  /**
   * Starts services of the config, or bundled fixtures by name, for this step and all later steps. All commands get
   * the variables of the services, on every machine.
   *
   * @throws the errors of the services
   */
  services(names: readonly string[], options?: ServicesOptions): Promise<void>
  /** Writes a line for people: into the record of the step, and on the terminal with `--monitor`. */
  log(text: string): void
}

/** A script. A script fails by throwing an error, or by returning `false`. */
export type Script<Arguments = unknown> = (context: WorkflowContext, args: Arguments) => Promise<unknown> | unknown

/** The module of a script: the file `workflow-scripts/deploy.ts` is used as `uses: deploy`. */
export interface ScriptModule {
  readonly default: Script<never>
  /** Schema of the arguments: any Standard Schema, such as valibot's or zod's. Default: no arguments. */
  readonly schema?: StandardSchema<unknown> | undefined
  /** One line for people. */
  readonly description?: string | undefined
}

/** A script that was found, not loaded yet. */
export interface FoundScript {
  readonly name: string
  readonly origin: 'bundled' | 'project' | 'package'
  /** Path of the module. Absent for a bundled script. */
  readonly file?: string | undefined
  /** @throws ERR_CONFIG for a module that is no script */
  load(): Promise<ScriptModule>
}

/** The scripts that the workflows of a directory can use. */
export interface KnownScripts {
  /** Returns the script of a name. @throws ERR_CONFIG if two files have the name, or a package has no main module */
  find(name: string): FoundScript | undefined
  /** Returns all names: of the bundled scripts first, then of the project's scripts, then of packages. */
  names(): string[]
}
