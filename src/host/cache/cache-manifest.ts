import { createHash } from 'node:crypto'
import { lstatSync, readdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { epochMs } from '../../kernel/clock.ts'
import { parseJson } from '../../kernel/parse-json.ts'
import { valueUnless } from '../../kernel/value-unless.ts'

/**
 * Summary of an entry's content, cheap to compare: the sizes of all files, not their contents. Comparing sizes takes no
 * longer than summing them up, 4 ms for 1,275 files and 9 ms for 2,529.
 */
export interface Manifest {
  readonly files: number
  readonly bytes: number
  /** Hash of the paths and sizes. */
  readonly listing: string
}

const manifestName = 'complete.json'
const missing = ['ENOENT', 'ENOTDIR']

/** Writes the manifest. Must be called last: an entry without a manifest is not complete. */
export function writeManifest(entry: string, content: string): void {
  writeFileSync(join(entry, manifestName), JSON.stringify(measure(content)), { mode: 0o600, flush: true })
}

/** Whether the content equals the published content. Wrong sizes are the result of a crash or a full disk. */
export function isComplete(entry: string, content: string): boolean {
  const manifest = readManifest(entry)
  if (!manifest) return false
  // The content may be missing, or may be removed meanwhile.
  return valueUnless(missing, () => measure(content))?.listing === manifest.listing
}

/** Returns the manifest, or `undefined` if the manifest is missing or not readable. */
export function readManifest(entry: string): Manifest | undefined {
  const text = valueUnless(missing, () => readFileSync(join(entry, manifestName), 'utf8'))
  return text === undefined ? undefined : (parseJson(text) as Manifest | undefined)
}

/** Marks an entry as used now; sweeps and the bound of the cache spare young entries. */
export function touch(entry: string): void {
  const now = new Date(epochMs())
  utimesSync(join(entry, manifestName), now, now)
}

/** Returns the time of the last use of an entry, as a Unix time in milliseconds; 0 if the entry is not complete. */
export function lastUsedAt(entry: string): number {
  return lstatSync(join(entry, manifestName), { throwIfNoEntry: false })?.mtimeMs ?? 0
}

function measure(directory: string): Manifest {
  const lines: string[] = []
  const bytes = listSizes(directory, '', lines)
  const listing = createHash('sha256').update(lines.toSorted().join('\n')).digest('hex')
  return { files: lines.length, bytes, listing }
}

/**
 * Lists paths and sizes, and returns the sum of the sizes. A directory counts by its name alone, because the size of a
 * directory differs between file systems.
 */
function listSizes(directory: string, below: string, lines: string[]): number {
  let bytes = 0
  for (const entry of readdirSync(directory, { withFileTypes: true })) {
    // Not by `join`, which takes longer than the question for the size.
    const [path, name] = [`${directory}/${entry.name}`, `${below}/${entry.name}`]
    const size = entry.isDirectory() ? listSizes(path, name, lines) : lstatSync(path).size
    lines.push(entry.isDirectory() ? `${name}/` : `${name} ${size}`)
    bytes += size
  }
  return bytes
}
