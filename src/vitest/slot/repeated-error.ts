/**
 * Property that marks an unhandled error as a repetition of the error before; the main process does not report the
 * error.
 */
export const repeatsMark = 'repeatsTheErrorBefore'

export function isRepeated(error: object): boolean {
  return Reflect.get(error, repeatsMark) === true
}
