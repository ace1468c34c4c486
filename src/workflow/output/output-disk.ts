import { asError, hasCode, ResultsError } from '../../kernel/errors.ts'
import { diskError } from '../../results/disk-error.ts'

/** Failure to write the records of the run itself: it ends the run, unlike an error of a script's results. */
export class RunRecordsError extends ResultsError {}

/** Writes to an output directory. @throws ERR_RESULTS if the disk is full or refuses */
export function onOutputDisk<T>(path: string, write: () => T): T {
  try {
    return write()
  } catch (thrown) {
    const error = diskError(path, thrown)
    if (!hasCode(error, 'ERR_RESULTS')) throw error
    const { message, cause } = asError(error)
    throw new RunRecordsError(message, { cause })
  }
}
