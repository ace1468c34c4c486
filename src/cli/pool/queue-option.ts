/** A person's choice of a queue. */
export interface QueueChoice {
  /** URL, or the value of the variable `TEST_SERVICES_QUEUE`. */
  readonly queue?: string
}

/** Variable with the URL of a queue, to keep the password out of the list of processes. */
export const queueVariable = 'TEST_SERVICES_QUEUE'

/** Returns the URL of the queue, and removes the variable from the environment of the tests. */
export function queueUrl({ queue }: QueueChoice): string | undefined {
  delete process.env[queueVariable]
  return queue
}
