/** How a process ended: one of the two is set. */
export interface Ended {
  readonly exitCode: number | null
  readonly signal: NodeJS.Signals | null
}

/** In words for messages: `exit status 3`, `signal SIGKILL`. */
export function describeEnd(ended: Ended): string {
  return ended.signal ? `signal ${ended.signal}` : `exit status ${ended.exitCode}`
}
