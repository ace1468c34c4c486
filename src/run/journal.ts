import { closeSync, openSync, readFileSync, writeFileSync } from 'node:fs'
import { constants } from 'node:os'
import * as v from 'valibot'
import { hasCode } from '../kernel/errors.ts'

const step = v.strictObject({
  signal: v.custom<NodeJS.Signals>((value) => typeof value === 'string' && value in constants.signals),
  // JSON has no Infinity: a grace without an end is null there.
  graceMs: v.pipe(
    v.nullable(v.number()),
    v.transform((ms) => ms ?? Number.POSITIVE_INFINITY),
  ),
})

/** As whom only it can be undone: what `sudo` has made or started as another user. */
const user = v.optional(v.object({ name: v.string(), uid: v.number() }))

const resource = v.variant('kind', [
  v.object({
    kind: v.literal('process'),
    label: v.string(),
    identity: v.object({ pid: v.pipe(v.number(), v.integer()), startTime: v.string(), bootId: v.string() }),
    ladder: v.pipe(v.array(step), v.readonly()),
    user,
  }),
  /** A directory outside the run's own that is about to be made: what is there may yet be somebody else's. */
  v.object({ kind: v.literal('intended-directory'), path: v.string(), user }),
  /** A directory outside the run's own that the run has made. */
  v.object({ kind: v.literal('directory'), path: v.string(), user }),
  /** A claim; see `tryClaim`. */
  v.object({ kind: v.literal('claim'), path: v.string() }),
  /** The SysV segment that a Postgres data directory names in its `postmaster.pid`. */
  v.object({ kind: v.literal('shared-memory'), pidFile: v.string() }),
  /**
   * Anything else: `undo(data, limitMs)` of the module with this `file:` URL removes it, which may be TypeScript. It
   * throws when that may still be there; an error that says that no server listens counts as done. The label is for
   * people, the data for the module alone.
   */
  v.object({ kind: v.literal('undo'), module: v.string(), data: v.unknown(), label: v.optional(v.string()) }),
])

/** Something that a run makes, described well enough for another process to remove it. */
export type Resource = Readonly<v.InferOutput<typeof resource>>

const line = v.union([
  v.object({ id: v.number(), made: resource }),
  v.object({ id: v.number(), gone: v.literal(true) }),
])

type Line = { readonly id: number; readonly made: Resource } | { readonly id: number; readonly gone: true }

/**
 * Append-only: one line before something is made, one after it is gone. It is written, not synced: the lines outlive
 * every process and every orderly restart, and a sync costs a busy disk up to 40 ms. After a power failure there is no
 * process left to find, claims without a run are swept by themselves, and the system clears its temporary directories.
 */
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
    return id
  }

  /** Records that it is gone. On a full disk it is not: a sweep will then look for it, and find nothing. */
  end(id: number): void {
    try {
      this.#append({ id, gone: true })
    } catch (thrown) {
      if (!hasCode(thrown, 'ENOSPC', 'EDQUOT')) throw thrown
    }
  }

  close(): void {
    closeSync(this.#descriptor)
  }

  /** The line break comes first as well, so that a line which was torn does not damage the next. */
  #append(entry: Line): void {
    writeFileSync(this.#descriptor, `\n${JSON.stringify(entry)}\n`)
  }
}

/** What a run made and did not remove, in the order of its making. A torn or damaged line is passed over. */
export function readJournal(path: string): Resource[] {
  const open = new Map<number, Resource>()
  for (const text of readLines(path)) {
    const entry = parseLine(text)
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

function parseLine(text: string): Line | undefined {
  try {
    const parsed = v.safeParse(line, JSON.parse(text))
    return parsed.success ? parsed.output : undefined
  } catch (thrown) {
    if (thrown instanceof SyntaxError) return undefined
    throw thrown
  }
}
