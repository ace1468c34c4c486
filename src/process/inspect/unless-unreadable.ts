import { valueUnless } from '../../kernel/value-unless.ts'

/**
 * Returns the result of reading `/proc`; `undefined` if the process has ended (ENOENT, ESRCH), is not ours to read
 * (EACCES, EPERM), or has a working directory too deep for a path (ENAMETOOLONG).
 */
export function unlessUnreadable<T>(read: () => T): T | undefined {
  return valueUnless(['ENOENT', 'ESRCH', 'EACCES', 'EPERM', 'ENAMETOOLONG'], read)
}

/**
 * Returns the result of a look that is only an aid; `undefined` if this process or the system has run out of
 * descriptors or memory.
 */
export function unlessExhausted<T>(look: () => T): T | undefined {
  return valueUnless(['EMFILE', 'ENFILE', 'ENOMEM', 'EAGAIN'], look)
}
