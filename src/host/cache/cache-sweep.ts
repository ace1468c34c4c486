import { createHash, randomUUID } from 'node:crypto'
import { lstatSync, readlinkSync, renameSync, rmSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { epochMs } from '../../kernel/clock.ts'
import { processExists } from '../../kernel/process-exists.ts'
import { succeedsUnless } from '../../kernel/value-unless.ts'
import { namesIn } from '../files/names-in.ts'
import { lastUsedAt, readManifest } from './cache-manifest.ts'
import { isUsed, takeUsersAlong } from './cache-use.ts'

const mostEntries = 40
const mostBytes = 2 * 1024 ** 3
/** Age below which an entry is spared: a process may be copying the entry. */
const inUseMs = 10 * 60_000
const longestBuildMs = 60 * 60_000
const longestLockMs = 60_000

/** An entry of prepared data, kept until its room is needed. */
export interface CacheEntry {
  readonly path: string
  /** A Unix time in milliseconds. */
  readonly usedAt: number
  readonly bytes: number
}

/**
 * Removes every entry that is not in use and was not used in the last ten minutes. With `dryRun`, only returns these
 * entries.
 */
export function sweepCache(root: string, { dryRun = false }: { readonly dryRun?: boolean } = {}): CacheEntry[] {
  const removable = entries(root).filter(isIdle)
  if (dryRun) return removable
  removeLeftovers(root)
  for (const { path } of removable) retire(root, path)
  return removable
}

/**
 * Removes the least recently used entries beyond the bound of the cache, but never an entry in use or used recently.
 */
export function boundCache(root: string, bound = { entries: mostEntries, bytes: mostBytes }): void {
  const newestFirst = entries(root).sort((one, other) => other.usedAt - one.usedAt)
  let bytes = 0
  for (const [index, entry] of newestFirst.entries()) {
    bytes += entry.bytes
    if ((index >= bound.entries || bytes > bound.bytes) && isIdle(entry)) retire(root, entry.path)
  }
}

/** Removes the half-done work and the locks of builders and sweepers that have ended. */
export function removeLeftovers(root: string): void {
  for (const name of namesIn(root)) {
    const path = join(root, name)
    if (isLeftover(name, path)) removeUnused(path)
  }
}

/**
 * Returns the path for a directory that is being built or removed. The name tells which process works on the directory.
 */
export function temporaryPath(root: string, doing: 'building' | 'removing'): string {
  return join(root, `.${doing}-${pidNamespace()}-${process.pid}-${randomUUID()}`)
}

/**
 * Moves an entry out of sight at once, then removes the entry. While a process uses the entry, leaves the removal to a
 * later sweep.
 */
export function retire(root: string, path: string): void {
  const aside = temporaryPath(root, 'removing')
  // A different sweeper may have removed the entry first.
  if (!succeedsUnless(['ENOENT'], () => renameSync(path, aside))) return
  takeUsersAlong(path, aside)
  removeUnused(aside)
}

function removeUnused(path: string): void {
  if (!isUsed(path)) rmSync(path, { recursive: true, force: true })
}

function isLeftover(name: string, path: string): boolean {
  if (name.endsWith('.lock')) return ageMs(path) > longestLockMs
  const [, namespace, pid] = /^\.(?:building|removing)-([0-9a-f]+)-(\d+)-/.exec(name) ?? []
  if (pid === undefined) return false
  // The age counts too, because the pid may have been reused, or belong to a different machine; no build takes an hour.
  return (namespace === pidNamespace() && !processExists(Number(pid))) || ageMs(path) > longestBuildMs
}

/** Returns an id of the machine and namespace in which our pids are valid: containers and machines may share a cache, but not their pids. */
function pidNamespace(): string {
  const namespace = process.platform === 'linux' ? readlinkSync('/proc/self/ns/pid') : ''
  return createHash('sha256').update(`${hostname()} ${namespace}`).digest('hex').slice(0, 12)
}

/**
 * Name of an entry. A cache in a place that other users can enter may hold more than entries: data of instances too.
 */
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
