/** What the command asks of the helper that it starts, as one JSON text in its arguments. No secret is in it. */
export interface HelperRequest {
  readonly directory: string
  readonly names: readonly string[]
  readonly configFile?: string | undefined
  readonly prefix?: string | undefined
  readonly name: string
  readonly timeoutMs?: number | undefined
}
