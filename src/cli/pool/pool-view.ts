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
  /** Number of reservations under way, by provisioner. */
  readonly #reserving = new Map<string, number>()
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
        this.#addMachine(event, now)
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

  #addMachine({ machine, state, provisioner }: Extract<PoolEvent, { type: 'machine' }>, now: number): void {
    if (state === 'reserving') this.#count(machine, 1)
    // Without a machine, a reservation that has failed is gone.
    else if (provisioner !== undefined || this.#reserving.has(machine)) this.#count(provisioner ?? machine, -1)
    const isNews = state !== 'reserving' || this.#reserving.get(machine) === 1
    if (state === 'gone' && !this.#reserving.has(machine)) this.machines.delete(machine)
    else if (state !== 'gone' && isNews) this.machines.set(machine, { state, test: undefined, since: now })
  }

  #count(provisioner: string, change: number): void {
    const number = (this.#reserving.get(provisioner) ?? 0) + change
    if (number > 0) this.#reserving.set(provisioner, number)
    else {
      this.#reserving.delete(provisioner)
      this.machines.delete(provisioner)
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
