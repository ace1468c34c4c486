import * as v from 'valibot'

/** A value within the line of its setting in a config file. */
export const oneLine = v.pipe(v.string(), v.regex(/^[^\r\n\0]*$/, 'one line'))

interface OwnSettings {
  /** Whether the fixture makes the setting itself. */
  readonly isOwn: (name: string) => boolean
  /** Description of the allowed settings: `a setting that the fixture does not make itself`. */
  readonly advice: string
}

/** Returns the schema of an option with settings of a server, by name: `{ maxmemory: '64mb' }`. */
export function settingsSchema<Value extends v.GenericSchema>(value: Value, { isOwn, advice }: OwnSettings) {
  const name = v.pipe(
    v.string(),
    // Not by v.regex: there, a wrong key counts as a missing key.
    v.check((given) => /^[\w.-]+$/.test(given), 'the name of a setting'),
    v.check((given) => !isOwn(given), advice),
  )
  return v.record(name, value)
}
