import * as v from 'valibot'

/** Options of every fixture with several origins of the server. */
export interface ServerOptions {
  /** Origin of the server program. Default: `auto`, the first origin with the server; `container` if `image` is set. */
  readonly from?: 'auto' | 'installed' | 'npm' | 'container' | undefined
  /** The installed server program, or the directory of the programs; a name without a slash is searched on PATH. */
  readonly binaries?: string | undefined
  /** Required version of the server: `7`, `'7.2'`, `'>=7.2 <9'`. Default: any. */
  readonly version?: string | number | undefined
  /** Image with the server. Default: the official image, if present in the container engine. */
  readonly image?: string | undefined
}

/** Entries of `ServerOptions`, for the options schema of a bundled fixture. */
export const serverEntries = {
  from: v.optional(v.picklist(['auto', 'installed', 'npm', 'container'])),
  binaries: v.optional(v.pipe(v.string(), v.nonEmpty())),
  version: v.optional(v.union([v.pipe(v.string(), v.nonEmpty()), v.pipe(v.number(), v.integer('an integer'))])),
  image: v.optional(v.pipe(v.string(), v.nonEmpty())),
}
