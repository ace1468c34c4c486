import { deserialize, serialize } from 'node:v8'
import { asError, StateError } from '../../kernel/errors.ts'

/**
 * Packs the arguments or the result of a method for another process, by structured clone.
 *
 * @param what names the value in the error, such as `an argument of db.query()`
 * @throws ERR_STATE for a value that cannot leave its process, such as a function
 */
export function packValue(value: unknown, what: string): string {
  try {
    return serialize(value).toString('base64')
  } catch (thrown) {
    const why = `${what} cannot pass between a worker and the main process of Vitest (${asError(thrown).message})`
    throw new StateError(`${why}; useService(…, { instance: 'unique' }) gives the worker an instance of its own`)
  }
}

export function unpackValue(packed: string): unknown {
  return deserialize(Buffer.from(packed, 'base64'))
}
