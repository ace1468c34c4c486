import { lstatSync, readdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { hasCode } from '../kernel/errors.ts'

/** What an entry holds, in a form that is cheap to compare: 2 ms for 750 files. */
export interface Manifest {
  readonly files: number
  readonly bytes: number
}

const manifestName = 'complete.json'

/** Written last: an entry without it is not complete. */
export function writeManifest(entry: string, content: string): void {
  writeFileSync(join(entry, manifestName), JSON.stringify(measure(content)), { mode: 0o600, flush: true })
}

/** Whether what is there is what was published; a size that is off is what a crash and a full disk leave behind. */
export function isComplete(entry: string, content: string): boolean {
  const manifest = readManifest(entry)
  if (!manifest) return false
  try {
    const found = measure(content)
    return found.files === manifest.files && found.bytes === manifest.bytes
  } catch (thrown) {
    if (hasCode(thrown, 'ENOENT', 'ENOTDIR')) return false // no content, or it went away under our eyes
    throw thrown
  }
}

/** Undefined when there is none, or none that can be read. */
export function readManifest(entry: string): Manifest | undefined {
  try {
    return JSON.parse(readFileSync(join(entry, manifestName), 'utf8')) as Manifest
  } catch (thrown) {
    if (hasCode(thrown, 'ENOENT', 'ENOTDIR') || thrown instanceof SyntaxError) return undefined
    throw thrown
  }
}

/** Marks an entry as used now; whoever bounds the cache leaves young entries alone. */
export function touch(entry: string): void {
  const now = new Date()
  utimesSync(join(entry, manifestName), now, now)
}

/** When an entry was last used, as a Unix time in milliseconds; 0 when it is not complete. */
export function lastUsedAt(entry: string): number {
  return lstatSync(join(entry, manifestName), { throwIfNoEntry: false })?.mtimeMs ?? 0
}

/** Directories count as files without bytes, for their own sizes differ between file systems. */
function measure(directory: string): Manifest {
  let files = 0
  let bytes = 0
  for (const entry of readdirSync(directory, { withFileTypes: true })) {
    const path = join(directory, entry.name)
    const below = entry.isDirectory() ? measure(path) : { files: 0, bytes: lstatSync(path).size }
    files += 1 + below.files
    bytes += below.bytes
  }
  return { files, bytes }
}
