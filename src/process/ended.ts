/** How a process ended: exactly one of the two fields is set. */
export interface Ended {
  readonly exitCode: number | null
  readonly signal: NodeJS.Signals | null
}

/** Describes the end for messages: `exit status 3`, `signal SIGKILL`. */
export function describeEnd(ended: Ended): string {
  return ended.signal ? `signal ${ended.signal}` : `exit status ${ended.exitCode}`
}
