import * as v from 'valibot'

const largestPort = 65_535

/** Number of a port chosen by a user. */
export const portSchema = v.pipe(v.number(), v.integer('an integer'), v.minValue(1), v.maxValue(largestPort))

/** Entries of most profiles, for the schema of a bundled fixture. */
export const profileEntries = { port: v.optional(portSchema), password: v.optional(v.string()) }

/** Options of most profiles for the configured instance. */
export interface ProfileOptions {
  /** Default: a free port. */
  readonly port?: number
  /** Password of the administrator. Default: random. */
  readonly password?: string
}
