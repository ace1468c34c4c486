import * as v from 'valibot'

/** Options of every fixture whose server can come from several origins. */
export interface ServerOptions {
  /** Where the server program comes from. Default: `auto`, the first origin that has the server; `container` if `image` is set. */
  readonly from?: 'auto' | 'installed' | 'npm' | 'container' | undefined
  /** The installed server program, or the directory of the programs; a name without a slash is searched on PATH. */
  readonly binaries?: string | undefined
  /** Version that the server must have: `7`, `'7.2'`, `'>=7.2 <9'`. Default: any. */
  readonly version?: string | number | undefined
  /** Image that contains the server. Default: the official one, if the container engine has it. */
  readonly image?: string | undefined
}

/** Entries of `ServerOptions`, for the options schema of a bundled fixture. */
export const serverEntries = {
  from: v.optional(v.picklist(['auto', 'installed', 'npm', 'container'])),
  binaries: v.optional(v.pipe(v.string(), v.nonEmpty())),
  version: v.optional(v.union([v.pipe(v.string(), v.nonEmpty()), v.pipe(v.number(), v.integer('an integer'))])),
  image: v.optional(v.pipe(v.string(), v.nonEmpty())),
}
