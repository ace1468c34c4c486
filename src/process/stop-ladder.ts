/** One rung: a signal to the process group, and how long the signal has to take effect. */
interface StopStep {
  readonly signal: NodeJS.Signals
  readonly graceMs: number
}

/** Rungs from gentle to harsh. SIGKILL to the group and to strays always follows as the last rung. */
export type StopLadder = readonly StopStep[]

/** Default of `command()` and `container()`: time to finish the present work. Other fixtures have ladders of their own. */
export const applicationLadder: StopLadder = [{ signal: 'SIGTERM', graceMs: 5_000 }]

/** For processes that need no time to end: they are killed at once. */
export const immediateLadder: StopLadder = []
