import * as v from 'valibot'

/** A value that stays on the line of its setting in a config file. */
export const oneLine = v.pipe(v.string(), v.regex(/^[^\r\n\0]*$/, 'one line'))

interface OwnSettings {
  /** Whether the fixture makes the setting itself. */
  readonly isOwn: (name: string) => boolean
  /** What a user may set instead: `a setting that the fixture does not make itself`. */
  readonly advice: string
}

/** Returns the schema of an option with settings of a server, by name: `{ maxmemory: '64mb' }`. */
export function settingsSchema<Value extends v.GenericSchema>(value: Value, { isOwn, advice }: OwnSettings) {
  const name = v.pipe(
    v.string(),
    // Not by v.regex, for which a wrong key is a missing one.
    v.check((given) => /^[\w.-]+$/.test(given), 'the name of a setting'),
    v.check((given) => !isOwn(given), advice),
  )
  return v.record(name, value)
}
