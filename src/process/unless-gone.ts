import { hasCode } from '../kernel/errors.ts'

/** What `/proc` says; `undefined` when the process has ended (ENOENT, ESRCH) or is not ours to read (EACCES, EPERM). */
export function unlessGone<T>(read: () => T): T | undefined {
  try {
    return read()
  } catch (thrown) {
    if (hasCode(thrown, 'ENOENT', 'ESRCH', 'EACCES', 'EPERM')) return undefined
    throw thrown
  }
}
