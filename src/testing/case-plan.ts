import type { Hook } from './contract-options.ts'
import type { Ground } from './ground.ts'

/** A case of the contract, before the check whether the author gives the needed hooks. */
export interface CasePlan {
  /** The promise, as a fact. */
  readonly name: string
  readonly needs: readonly Hook[]
  /** Proves the promise. @throws an error with the broken fact */
  prove(ground: Ground): Promise<void>
}

/** @throws Error with the text unless the promise is kept */
export function demand(isKept: boolean, otherwise: string): void {
  if (!isKept) throw new Error(otherwise)
}
