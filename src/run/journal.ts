import { closeSync, fdatasyncSync, openSync, readFileSync, writeSync } from 'node:fs'
import { hasCode } from '../kernel/errors.ts'
import type { ProcessIdentity } from '../process/identity.ts'
import type { StopLadder } from '../process/stop-ladder.ts'

/** Something that a run is about to make, described well enough for another process to remove it. */
export type Resource =
  | {
      readonly kind: 'process'
      readonly label: string
      readonly identity: ProcessIdentity
      readonly ladder: StopLadder
    }
  /** A directory outside the run's own. */
  | { readonly kind: 'directory'; readonly path: string }
  /** A claim file; see `tryClaim`. */
  | { readonly kind: 'claim'; readonly path: string }
  /** The SysV segment that a Postgres data directory names in its `postmaster.pid`. */
  | { readonly kind: 'shared-memory'; readonly pidFile: string }
  /** Anything else: `undo(data)` of this module removes it. */
  | { readonly kind: 'undo'; readonly module: string; readonly data: unknown }

type Line = { readonly id: number; readonly made: Resource } | { readonly id: number; readonly gone: true }

/** The kinds that outlive a reboot; the others need no disk to remember them. */
const durableKinds: ReadonlySet<Resource['kind']> = new Set(['directory', 'claim', 'undo'])

/** Append-only: one line before something is made, one after it is gone. */
export class Journal {
  readonly #descriptor: number
  #nextId = 1

  constructor(path: string) {
    this.#descriptor = openSync(path, 'a', 0o600)
  }

  /** Records what is about to be made; gives the number under which to record its end. */
  intend(made: Resource): number {
    const id = this.#nextId++
    this.#append({ id, made })
    if (durableKinds.has(made.kind)) fdatasyncSync(this.#descriptor)
    return id
  }

  end(id: number): void {
    this.#append({ id, gone: true })
  }

  close(): void {
    closeSync(this.#descriptor)
  }

  #append(line: Line): void {
    writeSync(this.#descriptor, `${JSON.stringify(line)}\n`)
  }
}

/** What a run made and did not remove, in the order of its making. A torn or damaged line is passed over. */
export function readJournal(path: string): Resource[] {
  const open = new Map<number, Resource>()
  for (const line of readLines(path)) {
    const entry = parseLine(line)
    if (entry && 'made' in entry) open.set(entry.id, entry.made)
    else if (entry) open.delete(entry.id)
  }
  return [...open.values()]
}

function readLines(path: string): string[] {
  try {
    return readFileSync(path, 'utf8').split('\n').filter(Boolean)
  } catch (thrown) {
    if (hasCode(thrown, 'ENOENT')) return []
    throw thrown
  }
}

function parseLine(line: string): Line | undefined {
  try {
    return JSON.parse(line) as Line
  } catch (thrown) {
    if (thrown instanceof SyntaxError) return undefined
    throw thrown
  }
}
