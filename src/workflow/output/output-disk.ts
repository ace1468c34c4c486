import { diskError } from '../../results/disk-error.ts'

/** Writes to an output directory. @throws ERR_RESULTS if the disk is full or refuses */
export function onOutputDisk<T>(path: string, write: () => T): T {
  try {
    return write()
  } catch (thrown) {
    throw diskError(path, thrown)
  }
}
