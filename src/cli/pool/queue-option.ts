/** Which queue a person wants. */
export interface QueueChoice {
  /** URL, or that of the variable `TEST_SERVICES_QUEUE`. */
  readonly queue?: string
}

/** Variable that names a queue, for a password that the list of processes must not show. */
export const queueVariable = 'TEST_SERVICES_QUEUE'

/** Returns the URL of the queue, and keeps it from the tests. */
export function queueUrl({ queue }: QueueChoice): string | undefined {
  delete process.env[queueVariable]
  return queue
}
