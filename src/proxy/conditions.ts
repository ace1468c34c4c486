/** State of a network, for all connections. */
export interface Conditions {
  /** Time that a round trip takes longer: half of it in each direction. */
  readonly latencyMs: number
  /** Rate of each connection in each direction. */
  readonly bytesPerMs: number
  /** Whether nothing passes. */
  readonly isCut: boolean
}

export const undisturbed: Conditions = { latencyMs: 0, bytesPerMs: Number.POSITIVE_INFINITY, isCut: false }

/** Whether bytes pass at once. */
export function areClear({ latencyMs, bytesPerMs, isCut }: Conditions): boolean {
  return latencyMs === 0 && bytesPerMs === Number.POSITIVE_INFINITY && !isCut
}
