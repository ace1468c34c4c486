import type { ReportedResult } from '../../results/rows.ts'
import { malformed } from './control-command.ts'
import { type ControlResult, namesOf } from './control-result.ts'

/**
 * Puts partial results of a name together, until a result without `partial` comes, or the test ends. Several results
 * may be open, in the order of their first appearance.
 *
 * @see https://github.com/RHSecurityCompliance/atex `RESULTS.md`
 */
export class PartialResults {
  readonly #open = new Map<string, Json>()

  /**
   * Adds a part. Returns the whole result after the last part.
   *
   * @throws ERR_CONTROL if the whole result has no status
   */
  add({ partial, ...result }: ControlResult): ReportedResult | undefined {
    const name = result.name ?? ''
    const merged = merge(this.#open.get(name) ?? {}, result)
    if (partial) this.#open.set(name, merged)
    else this.#open.delete(name)
    return partial ? undefined : reported(merged)
  }

  /** Closes and returns all open results, at the end of the test. A result without a status is an error. */
  rest(): ReportedResult[] {
    const open = [...this.#open.values()]
    this.#open.clear()
    return open.map((result) => reported({ status: 'error', ...result }))
  }
}

type Json = Readonly<Record<string, unknown>>

/** Adds new keys, deletes keys with the value `null`, appends lists, merges objects, and replaces all other values. */
function merge(old: Json, added: Json): Json {
  // From entries, since an assignment to `__proto__` would not make a key.
  const entries = new Map(Object.entries(old))
  for (const [key, value] of Object.entries(added)) {
    if (value === null) entries.delete(key)
    else entries.set(key, mergeValues(entries.get(key), value))
  }
  return Object.fromEntries(entries)
}

function mergeValues(old: unknown, added: unknown): unknown {
  if (Array.isArray(old) && Array.isArray(added)) return [...old, ...added]
  return isObject(added) ? merge(isObject(old) ? old : {}, added) : added
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function reported(merged: ControlResult): ReportedResult {
  const { status, name, note, files, testout, ...other } = merged
  if (!status) throw malformed(JSON.stringify(merged), '"status" is missing')
  const names = [...namesOf(files ?? [])]
  if (testout && names.includes(testout))
    throw malformed(JSON.stringify(merged), `the file ${testout} is also "testout"`)
  return {
    status,
    ...(name && { name }),
    ...(note && { note }),
    ...(names.length > 0 && { files: names }),
    ...(testout && { testout }),
    ...(Object.keys(other).length > 0 && { other }),
  }
}
