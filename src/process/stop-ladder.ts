/** One rung: a signal to the process group, and how long it may take effect. */
export interface StopStep {
  readonly signal: NodeJS.Signals
  readonly graceMs: number
}

/** Gentle to harsh. SIGKILL to the group and to strays always follows as the last rung. */
export type StopLadder = readonly StopStep[]

/** For an application: time to finish what it is doing. */
export const applicationLadder: StopLadder = [{ signal: 'SIGTERM', graceMs: 5_000 }]

/** For a server whose data is thrown away and which leaves nothing outside its directory. */
export const immediateLadder: StopLadder = []
