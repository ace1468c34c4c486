import { createHash, randomUUID } from 'node:crypto'
import { lstatSync, readdirSync, readlinkSync, renameSync, rmSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { hasCode } from '../kernel/errors.ts'
import { lastUsedAt, readManifest } from './cache-manifest.ts'

const mostEntries = 40
const mostBytes = 2 * 1024 ** 3
/** Younger entries may be in the middle of being copied. */
const inUseMs = 10 * 60_000
const longestBuildMs = 60 * 60_000
const longestLockMs = 60_000

interface Entry {
  readonly path: string
  readonly usedAt: number
  readonly bytes: number
}

/** Removes every entry that was not used in the last ten minutes; gives their paths. What `sweep --cache` does. */
export function sweepCache(root: string): string[] {
  removeLeftovers(root)
  const removable = entries(root).filter(isIdle)
  for (const { path } of removable) retire(root, path)
  return removable.map(({ path }) => path)
}

/** Removes the least recently used entries beyond the bound of the cache; never one used in the last ten minutes. */
export function boundCache(root: string, bound = { entries: mostEntries, bytes: mostBytes }): void {
  const newestFirst = entries(root).sort((one, other) => other.usedAt - one.usedAt)
  let bytes = 0
  for (const [index, entry] of newestFirst.entries()) {
    bytes += entry.bytes
    if ((index >= bound.entries || bytes > bound.bytes) && isIdle(entry)) retire(root, entry.path)
  }
}

/** Removes what builders and sweepers that are no more left half done, and their locks. */
export function removeLeftovers(root: string): void {
  for (const name of names(root)) {
    const path = join(root, name)
    if (isLeftover(name, path)) rmSync(path, { recursive: true, force: true })
  }
}

/** The path of a directory in the making or on its way out, which tells who has it in hand. */
export function temporaryPath(root: string, doing: 'building' | 'removing'): string {
  return join(root, `.${doing}-${pidScope()}-${process.pid}-${randomUUID()}`)
}

/** Takes an entry out of sight at once, then removes it: a reader sees all of it or nothing. */
export function retire(root: string, path: string): void {
  const aside = temporaryPath(root, 'removing')
  try {
    renameSync(path, aside)
  } catch (thrown) {
    if (hasCode(thrown, 'ENOENT')) return // another sweeper was first
    throw thrown
  }
  rmSync(aside, { recursive: true, force: true })
}

function isLeftover(name: string, path: string): boolean {
  if (name.endsWith('.lock')) return ageMs(path) > longestLockMs
  const [, scope, pid] = /^\.(?:building|removing)-([0-9a-f]+)-(\d+)-/.exec(name) ?? []
  if (pid === undefined) return false
  // By age too: a pid can be somebody else's by now, or of another machine, and nothing takes an hour.
  return (scope === pidScope() && !isAlive(Number(pid))) || ageMs(path) > longestBuildMs
}

/** Where our pids mean something: containers and machines may share a cache, but not their pids. */
function pidScope(): string {
  const namespace = process.platform === 'linux' ? readlinkSync('/proc/self/ns/pid') : ''
  return createHash('sha256').update(`${hostname()} ${namespace}`).digest('hex').slice(0, 12)
}

function entries(root: string): Entry[] {
  const paths = names(root).filter((name) => !name.startsWith('.') && !name.endsWith('.lock'))
  return paths.map((name) => {
    const path = join(root, name)
    return { path, usedAt: lastUsedAt(path), bytes: readManifest(path)?.bytes ?? 0 }
  })
}

function isIdle({ usedAt }: Entry): boolean {
  return Date.now() - usedAt > inUseMs
}

function names(root: string): string[] {
  try {
    return readdirSync(root)
  } catch (thrown) {
    if (hasCode(thrown, 'ENOENT')) return []
    throw thrown
  }
}

function ageMs(path: string): number {
  return Date.now() - (lstatSync(path, { throwIfNoEntry: false })?.mtimeMs ?? Date.now())
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (thrown) {
    if (hasCode(thrown, 'ESRCH')) return false
    if (hasCode(thrown, 'EPERM')) return true
    throw thrown
  }
}
