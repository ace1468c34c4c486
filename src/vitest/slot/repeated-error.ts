/** Property of an unhandled error that repeats the error before: the main process leaves it out. */
export const repeatsMark = 'repeatsTheErrorBefore'

export function isRepeated(error: object): boolean {
  return Reflect.get(error, repeatsMark) === true
}
