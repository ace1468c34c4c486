import { asError, TransportError } from '../../kernel/errors.ts'
import type { QueuedRun } from './shared-queue.ts'

/** The error of a run that its server has no longer. @param other run that has taken its place */
export function lostRun(other: QueuedRun | undefined): TransportError {
  const why = other
    ? `${other.host} has begun another one of its name`
    : 'the server was restarted without its data, or cleared'
  return new TransportError(`the queue has lost its run: ${why}`)
}

export function unusable(thrown: unknown): TransportError {
  return new TransportError(`the queue cannot be used: ${asError(thrown).message}`, { cause: thrown })
}
