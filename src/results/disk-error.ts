import { hasCode, ResultsError } from '../kernel/errors.ts'

/** Whether a disk, or the part of an account, is full. */
export function isFull(thrown: unknown): boolean {
  return hasCode(thrown, 'ENOSPC', 'EDQUOT')
}

/**
 * Returns the error for a results directory that cannot be written. Errors of a different origin, such as the source of
 * a file, are returned unchanged.
 */
export function diskError(directory: string, thrown: unknown): unknown {
  if (isFull(thrown)) {
    const advice = 'what was written so far is kept; make room there, or choose another directory'
    return new ResultsError(`the disk of the results in ${directory} is full: ${advice}`, { cause: thrown })
  }
  if (!hasCode(thrown, 'EACCES', 'EROFS', 'EIO', 'EFBIG', 'EMFILE', 'ENAMETOOLONG', 'ENOENT')) return thrown
  return new ResultsError(`the results in ${directory} cannot be written: ${String(thrown)}`, { cause: thrown })
}

/** Runs a function that writes to a results directory. @throws ERR_RESULTS if the disk is full or refuses */
export async function onDisk<T>(directory: string, write: () => Promise<T> | T): Promise<T> {
  try {
    return await write()
  } catch (thrown) {
    throw diskError(directory, thrown)
  }
}
