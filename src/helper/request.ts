/**
 * Request of the command to a new helper, passed as one JSON text in the arguments. Contains no secrets.
 */
export interface HelperRequest {
  readonly directory: string
  readonly names: readonly string[]
  readonly configFile?: string | undefined
  readonly prefix?: string | undefined
  readonly name: string
  readonly timeoutMs?: number | undefined
}
