import type { Hook } from './contract-options.ts'
import type { Ground } from './ground.ts'

/** A case of the contract, before it is known whether the author gives what it needs. */
export interface CasePlan {
  /** The promise, as a fact. */
  readonly name: string
  readonly needs: readonly Hook[]
  /** Throws an error that says what is wrong. */
  prove(ground: Ground): Promise<void>
}

/** @throws Error with the text unless the promise is kept */
export function demand(isKept: boolean, otherwise: string): void {
  if (!isKept) throw new Error(otherwise)
}
