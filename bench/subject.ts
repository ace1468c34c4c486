import type { Figure } from './figure.ts'
import type { Ground } from './ground.ts'

/** One part of what is promised, and how it is measured. */
export interface Subject {
  readonly title: string
  measure(ground: Ground, rounds: number): Promise<readonly Figure[]>
}

/** What measuring a subject gave. */
export interface Section {
  readonly title: string
  readonly figures: readonly Figure[]
}
