import { closeSync, openSync, readFileSync, writeFileSync } from 'node:fs'
import { constants } from 'node:os'
import * as v from 'valibot'
import { parseJson } from '../kernel/parse-json.ts'
import { valueUnless } from '../kernel/value-unless.ts'
import { OtherUser } from '../process/other-user.ts'

const step = v.strictObject({
  signal: v.custom<NodeJS.Signals>((value) => typeof value === 'string' && value in constants.signals),
  // JSON has no Infinity: a grace without an end is null in the journal.
  graceMs: v.pipe(
    v.nullable(v.number()),
    v.transform((ms) => ms ?? Number.POSITIVE_INFINITY),
  ),
})

/** User who made or started the resource, and must remove it. */
const user = v.optional(
  v.pipe(
    v.object({ name: v.string(), uid: v.number() }),
    v.transform((found) => new OtherUser(found)),
  ),
)

const resource = v.variant('kind', [
  v.object({
    kind: v.literal('process'),
    label: v.string(),
    identity: v.object({ pid: v.pipe(v.number(), v.integer()), startTime: v.string(), bootId: v.string() }),
    ladder: v.pipe(v.array(step), v.readonly()),
    user,
  }),
  /**
   * A directory outside the run's own, recorded before it is made: the path may still hold a directory of somebody
   * else.
   */
  v.object({ kind: v.literal('intended-directory'), path: v.string(), user }),
  /** A directory outside the run's own, made by the run. */
  v.object({ kind: v.literal('directory'), path: v.string(), user }),
  /** A claim; see `tryClaim`. */
  v.object({ kind: v.literal('claim'), path: v.string() }),
  /** The SysV segment named in the `postmaster.pid` of a Postgres data directory. */
  v.object({ kind: v.literal('shared-memory'), pidFile: v.string() }),
  /**
   * Any other resource. `reclaim(data, limitMs)` of the module with this `file:` URL removes the resource; the module may
   * be TypeScript. `reclaim` throws if the resource may still exist; an error about a server that does not listen counts
   * as done. The label is for people, the data for the module alone.
   */
  v.object({ kind: v.literal('reclaim'), module: v.string(), data: v.unknown(), label: v.optional(v.string()) }),
])

/** A resource of a run, described well enough for any process to remove the resource. */
export type Resource = Readonly<v.InferOutput<typeof resource>>

const line = v.union([
  v.object({ id: v.number(), made: resource }),
  v.object({ id: v.number(), gone: v.literal(true) }),
])

type Line = { readonly id: number; readonly made: Resource } | { readonly id: number; readonly gone: true }

/**
 * An append-only file: one line before a resource is made, one line after the resource is gone. Lines are written, not
 * synced: they outlive every process and every orderly restart, and a sync costs a busy disk up to 40 ms. After a power
 * failure no process is left to find, sweeps remove claims without a run, and the system clears its temporary
 * directories.
 */
export class Journal {
  readonly #descriptor: number
  #nextId = 1

  constructor(path: string) {
    this.#descriptor = openSync(path, 'a', 0o600)
  }

  /** Records a resource before the resource is made; returns the id for recording the end. */
  intend(made: Resource): number {
    const id = this.#nextId++
    this.#append({ id, made })
    return id
  }

  /**
   * Records that a resource is gone. On a full disk nothing is recorded: a later sweep looks for the resource in vain.
   */
  end(id: number): void {
    valueUnless(['ENOSPC', 'EDQUOT'], () => this.#append({ id, gone: true }))
  }

  close(): void {
    closeSync(this.#descriptor)
  }

  /** Begins with a line break as well, so that a torn line does not damage the next line. */
  #append(entry: Line): void {
    writeFileSync(this.#descriptor, `\n${JSON.stringify(entry)}\n`)
  }
}

/** Returns the resources that a run made and did not remove, in the order of making. Skips torn and damaged lines. */
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
  const text = valueUnless(['ENOENT'], () => readFileSync(path, 'utf8')) ?? ''
  return text.split('\n').filter(Boolean)
}

function parseLine(text: string): Line | undefined {
  const parsed = v.safeParse(line, parseJson(text))
  return parsed.success ? parsed.output : undefined
}
