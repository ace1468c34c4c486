import type { MachineRow } from '../results/rows.ts'
import type { MachineSpan, ReportMachine } from './report-data.ts'

/** States without a drawing: the attempts of the machine tell more. */
const plain: readonly string[] = ['free', 'busy', 'gone']

interface Place {
  readonly machine: string
  readonly host: string
}

/** The machines of a run, with states beside tests, such as set-ups. */
export class MachineList {
  readonly list: ReportMachine[]
  readonly #indexes = new Map<string, number>()

  constructor(rows: readonly MachineRow[]) {
    // A machine has no name of its own before it is reserved.
    const named = rows.filter(({ state }) => state !== 'reserving')
    const byMachine = new Map<string, MachineRow[]>()
    for (const row of named) byMachine.set(keyOf(row), [...(byMachine.get(keyOf(row)) ?? []), row])
    this.list = []
    for (const its of byMachine.values()) {
      const [first] = its
      if (first) this.list[this.indexOf(first)] = { name: first.machine, host: first.host, spans: spansOf(its) }
    }
  }

  /** Returns the position of a machine; adds an unknown machine. */
  indexOf({ machine, host }: Place): number {
    const key = keyOf({ machine, host })
    const known = this.#indexes.get(key) ?? this.list.length
    if (known === this.list.length) this.list.push({ name: machine, host, spans: [] })
    this.#indexes.set(key, known)
    return known
  }
}

/** Two hosts may each have a machine `local-1`. */
function keyOf({ machine, host }: Place): string {
  return `${host} ${machine}`
}

/** Returns the spans of a machine's states: each state lasts until the next. */
function spansOf(rows: readonly MachineRow[]): MachineSpan[] {
  const ordered = rows.map((row) => ({ ...row, begin: Date.parse(row.at) })).sort((a, b) => a.begin - b.begin)
  return ordered.flatMap(({ state, begin, note }, index) => {
    const end = ordered[index + 1]?.begin ?? begin
    return plain.includes(state) ? [] : [{ state, begin, end, note: note ?? undefined }]
  })
}
