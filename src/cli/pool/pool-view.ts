import type { MachineState, PoolEvent } from '../../pool/pool-event.ts'

/** Present state of a machine. */
export interface MachineRow {
  readonly state: MachineState
  /** The running test, with the number of any attempt beyond the first. */
  readonly test: string | undefined
  /** When the state began, in milliseconds of the monotonic clock. */
  readonly since: number
}

/** The past and present work of a pool, made from events. */
export class PoolView {
  readonly machines = new Map<string, MachineRow>()
  /** Tests of all hosts, as far as seen. */
  total = 0
  left = 0
  failed = 0
  infra = 0
  estimatedLeftMs: number | undefined
  /** By machine, the note of the last result of a whole test. */
  readonly #reasons = new Map<string, string | null>()

  /** @param now in milliseconds of the monotonic clock */
  add(event: PoolEvent, now: number): void {
    switch (event.type) {
      case 'machine':
        if (event.state === 'gone') this.machines.delete(event.machine)
        else this.machines.set(event.machine, { state: event.state, test: undefined, since: now })
        break
      case 'attempt':
        this.#reasons.delete(event.machine)
        this.machines.set(event.machine, { state: 'busy', test: testOf(event), since: now })
        break
      case 'attempt-end':
        if (event.attempt.rerun === null && event.attempt.state === 'failed') this.failed++
        if (event.attempt.rerun === null && event.attempt.state === 'infra') this.infra++
        break
      case 'progress':
        // Other hosts make `left` smaller without an event.
        this.total = Math.max(this.total, event.done + event.left)
        this.left = event.left
        this.estimatedLeftMs = event.estimatedLeftMs
        break
      case 'result': {
        const [, , , subtest, , note] = event.row
        if (subtest === null) this.#reasons.set(event.machine, note)
        break
      }
    }
  }

  /** Returns why the last test on a machine did not pass, as far as reported by the test. */
  reason(machine: string): string | null {
    return this.#reasons.get(machine) ?? null
  }
}

function testOf({ test, number }: Extract<PoolEvent, { type: 'attempt' }>): string {
  return number > 1 ? `${test} (attempt ${number})` : test
}
