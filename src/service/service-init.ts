import type { VariableLayer } from '../action/variable-changes.ts'

/** What an instance of a service is made with. */
export interface ServiceInit {
  /** `[A-Z][A-Z0-9_]*`: names the variables. */
  readonly label: string
  /** Of the variables' names. Default: `LP`. */
  readonly prefix?: string | undefined
  /** Where `LP_<LABEL>_*` are read from. Default: `process.env`. */
  readonly environment?: NodeJS.ProcessEnv | undefined
  /** Of the environments in which it is set up: they stand above this process's own; `null` unsets. */
  readonly surroundings?: VariableLayer | undefined
  /** What of these no text for people may show. */
  readonly secrets?: readonly string[] | undefined
  /** Where relative paths start. Default: the present directory. */
  readonly directory?: string | undefined
  /** What its reader is to do about a config that is not there yet. Default: to call `setUp`. */
  readonly whenDown?: string | undefined
  /** Says what to do when the running instance is not there. Default: to stop and start the helper. */
  readonly whenGone?: string | undefined
  /** What the chosen profile says of the configured instance. */
  readonly profile?: Readonly<Record<string, unknown>> | undefined
}
