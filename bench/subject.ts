import type { Figure } from './figure.ts'
import type { Ground } from './ground.ts'

/** A part of the promise, with the way to measure it. */
export interface Subject {
  readonly title: string
  measure(ground: Ground, rounds: number): Promise<readonly Figure[]>
}

/** Results of measuring a subject. */
export interface Section {
  readonly title: string
  readonly figures: readonly Figure[]
}
