/** Parameters of a new service instance. */
export interface ServiceOptions {
  /** Options of the definition, added by `defineService`. */
  readonly options?: object | undefined
  /** `[A-Z][A-Z0-9_]*`: part of the variables' names. */
  readonly label: string
  /** First part of the variables' names. Default: `LP`. */
  readonly prefix?: string | undefined
  /** Environment to read `LP_<LABEL>_*` from. Default: `process.env`. */
  readonly environment?: NodeJS.ProcessEnv | undefined
  /** Variables of the entered environments, above the variables of this process; `null` unsets. */
  readonly surroundings?: Readonly<Record<string, string | null>> | undefined
  /** Secrets in `surroundings`, to hide from people. */
  readonly secrets?: readonly string[] | undefined
  /** Base of relative paths. Default: the present directory. */
  readonly directory?: string | undefined
  /** Advice in the error for reading the config too early. Default: to call `setUp`. */
  readonly whenDown?: string | undefined
  /** Advice for a missing running instance. Default: to stop and start the helper. */
  readonly whenGone?: string | undefined
  /** Settings of the chosen profile for the configured instance. */
  readonly profile?: Readonly<Record<string, unknown>> | undefined
}
