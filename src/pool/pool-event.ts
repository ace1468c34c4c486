import type { AttemptRow, ResultRow } from '../results/rows.ts'

/** Events of a running pool. */
export type PoolEvent =
  | {
      readonly type: 'machine'
      readonly machine: string
      readonly state: MachineState
      readonly note?: string
      /** With `setting-up`: the name during the reservation. */
      readonly provisioner?: string
    }
  | { readonly type: 'attempt'; readonly machine: string; readonly test: string; readonly number: number }
  | { readonly type: 'result'; readonly machine: string; readonly row: ResultRow }
  | { readonly type: 'attempt-end'; readonly machine: string; readonly attempt: AttemptRow }
  | {
      readonly type: 'progress'
      readonly done: number
      readonly left: number
      readonly estimatedLeftMs: number | undefined
    }

/**
 * During the reservation, a machine has no name: `machine` is the provisioner's name then.
 *
 * `reserving` → `setting-up` → `free` ⇄ `busy` → `releasing` → `gone`.
 */
export type MachineState = 'reserving' | 'setting-up' | 'free' | 'busy' | 'releasing' | 'gone'
