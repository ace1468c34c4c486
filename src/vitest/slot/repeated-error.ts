/** Marks an unhandled error that tells of the same connection as the one before: the main process leaves it out. */
export const repeatsMark = 'repeatsTheErrorBefore'

export function isRepeated(error: object): boolean {
  return Reflect.get(error, repeatsMark) === true
}
