import { asError, TestServicesError } from '../kernel/errors.ts'

/**
 * An error as a reader of Vitest's output wants it: what is in the message already is not repeated below it, and no
 * stack leads into our code. Errors that are not ours stay as they are.
 */
function presentable(thrown: unknown): Error {
  const error = asError(thrown)
  const [first = error] = error instanceof AggregateError ? (error.errors as Error[]) : [error]
  if (!(first instanceof TestServicesError)) return error
  const shown = Object.assign(new Error(error.message), { code: first.code })
  shown.name = first.name
  shown.stack = `${first.name}: ${error.message}`
  return shown
}

/** Does the work, and throws what it throws in a presentable form. */
export async function presenting<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (thrown) {
    throw presentable(thrown)
  }
}
