import { createHash, randomUUID } from 'node:crypto'
import { lstatSync, readlinkSync, renameSync, rmSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { epochMs } from '../kernel/clock.ts'
import { hasCode } from '../kernel/errors.ts'
import { lastUsedAt, readManifest } from './cache-manifest.ts'
import { isUsed, takeUsersAlong } from './cache-use.ts'
import { namesIn } from './names-in.ts'

const mostEntries = 40
const mostBytes = 2 * 1024 ** 3
/** Younger entries may be in the middle of being copied. */
const inUseMs = 10 * 60_000
const longestBuildMs = 60 * 60_000
const longestLockMs = 60_000

/** What has been prepared, and is kept until it is in the way. */
export interface CacheEntry {
  readonly path: string
  /** A Unix time in milliseconds. */
  readonly usedAt: number
  readonly bytes: number
}

/** Removes every entry that was not used in the last ten minutes, nor is now, or with `dryRun` only tells which these are. */
export function sweepCache(root: string, { dryRun = false }: { readonly dryRun?: boolean } = {}): CacheEntry[] {
  const removable = entries(root).filter(isIdle)
  if (dryRun) return removable
  removeLeftovers(root)
  for (const { path } of removable) retire(root, path)
  return removable
}

/** Removes the least recently used entries beyond the bound of the cache; never one that is or was just in use. */
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
  for (const name of namesIn(root)) {
    const path = join(root, name)
    if (isLeftover(name, path)) removeUnused(path)
  }
}

/** The path of a directory in the making or on its way out, which tells who has it in hand. */
export function temporaryPath(root: string, doing: 'building' | 'removing'): string {
  return join(root, `.${doing}-${pidScope()}-${process.pid}-${randomUUID()}`)
}

/** Takes an entry out of sight at once, then removes it, or leaves that to others while somebody uses it. */
export function retire(root: string, path: string): void {
  const aside = temporaryPath(root, 'removing')
  try {
    renameSync(path, aside)
  } catch (thrown) {
    if (hasCode(thrown, 'ENOENT')) return // another sweeper was first
    throw thrown
  }
  takeUsersAlong(path, aside)
  removeUnused(aside)
}

function removeUnused(path: string): void {
  if (!isUsed(path)) rmSync(path, { recursive: true, force: true })
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

/** Where the cache is in a place that others can enter, it is not alone there: the data of instances is no entry. */
const entryName = /^[\w-]+-[0-9a-f]{20}$/

function entries(root: string): CacheEntry[] {
  const entryNames = namesIn(root).filter((name) => entryName.test(name))
  return entryNames.map((name) => {
    const path = join(root, name)
    return { path, usedAt: lastUsedAt(path), bytes: readManifest(path)?.bytes ?? 0 }
  })
}

function isIdle({ path, usedAt }: CacheEntry): boolean {
  return epochMs() - usedAt > inUseMs && !isUsed(path)
}

function ageMs(path: string): number {
  return epochMs() - (lstatSync(path, { throwIfNoEntry: false })?.mtimeMs ?? epochMs())
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
