import { hasCode } from '../kernel/errors.ts'

/**
 * What `/proc` says; `undefined` when the process has ended (ENOENT, ESRCH), is not ours to read (EACCES, EPERM), or
 * stands where no path can tell (ENAMETOOLONG).
 */
export function unlessGone<T>(read: () => T): T | undefined {
  return unless(read, ['ENOENT', 'ESRCH', 'EACCES', 'EPERM', 'ENAMETOOLONG'])
}

/** A look that is only an aid; `undefined` where this process, or the system, has no descriptor or memory left for it. */
export function unlessExhausted<T>(look: () => T): T | undefined {
  return unless(look, ['EMFILE', 'ENFILE', 'ENOMEM', 'EAGAIN'])
}

function unless<T>(ask: () => T, codes: readonly string[]): T | undefined {
  try {
    return ask()
  } catch (thrown) {
    if (hasCode(thrown, ...codes)) return undefined
    throw thrown
  }
}
