import { asError, TransportError } from '../../kernel/errors.ts'
import type { QueuedRun } from './shared-queue.ts'

/** Returns the error for a run missing in the server. @param other new run of the same name */
export function lostRun(other: QueuedRun | undefined): TransportError {
  const why = other
    ? `${other.host} has begun another one of its name`
    : 'the server was restarted without its data, or cleared'
  return new TransportError(`the queue has lost its run: ${why}`)
}

export function unusable(thrown: unknown): TransportError {
  return new TransportError(`the queue cannot be used: ${asError(thrown).message}`, { cause: thrown })
}
