import * as v from 'valibot'

/** A value within the line of its setting in a config file. */
export const oneLine = v.pipe(v.string(), v.regex(/^[^\r\n\0]*$/, 'one line'))

const ownAdvice = 'a setting that the fixture does not make itself; port and password belong in a profile'

/**
 * Returns the schema of an option with settings of a server, by name: `{ maxmemory: '64mb' }`.
 *
 * @param isOwn whether the fixture makes the setting with the name itself
 * @param advice description of the allowed settings
 */
export function settingsSchema<Value extends v.GenericSchema>(
  value: Value,
  isOwn: (name: string) => boolean,
  advice = ownAdvice,
) {
  const name = v.pipe(
    v.string(),
    // Not by v.regex: there, a wrong key counts as a missing key.
    v.check((given) => /^[\w.-]+$/.test(given), 'the name of a setting'),
    v.check((given) => !isOwn(given), advice),
  )
  return v.record(name, value)
}
