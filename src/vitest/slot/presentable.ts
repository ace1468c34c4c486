import { join } from 'node:path'
import { asError, hasCode, TestServicesError } from '../../kernel/errors.ts'

/**
 * Returns an error in the form in which Vitest should print it: details of the message are not repeated below the
 * message, and the stack leads only into the user's config, never into our code. Returns errors of foreign classes
 * unchanged.
 */
export function presentable(thrown: unknown): Error {
  const error = asError(thrown)
  const [first = error] = error instanceof AggregateError ? (error.errors as Error[]) : [error]
  if (!(first instanceof TestServicesError)) return error
  const shown = Object.assign(new Error(error.message), { code: first.code })
  shown.name = first.name
  // Vitest prints errors with equal stacks only once, so the stack has the message. The "at" of log lines is marked,
  // since Vitest would take these lines for stack frames.
  const message = error.message.replaceAll(/^(\s*)at /gm, '$1… at ')
  shown.stack = [`${first.name}: ${withoutAdvice(message)}`, ...placesOf(first)].join('\n')
  return shown
}

/**
 * Changes the words in a stack at which Vitest advises how to import a package: it takes the syntax error of a server
 * for one of the test.
 */
function withoutAdvice(message: string): string {
  return message
    .replaceAll('statement outside a module', 'statement outside of a module')
    .replaceAll('Unexpected token', 'unexpected token')
}

/** Returns the stack lines that lead into the user's files, for a mistake in a config. */
function placesOf(error: Error): string[] {
  if (!hasCode(error, 'ERR_CONFIG')) return []
  const { stack = '' } = originOf(error)
  return stack.split('\n').filter((line) => line.trimStart().startsWith('at ') && !isForeign(line))
}

function originOf(error: Error): Error {
  return error.cause instanceof Error ? originOf(error.cause) : error
}

/** Whether a line leads into Node, a package, or our own code, which begins two folders above this file. */
function isForeign(line: string): boolean {
  return /node:|\/node_modules\//.test(line) || line.includes(join(import.meta.dirname, '../..'))
}

/** Removes the places in files from the stack of an error. */
export function withoutPlaces(thrown: unknown): Error {
  const error = asError(thrown)
  error.stack = `${error.name}: ${error.message}`
  return error
}

/** Does work, and makes its error presentable. */
export async function withPresentableErrors<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (thrown) {
    throw presentable(thrown)
  }
}
