import { createHash } from 'node:crypto'
import { lstatSync, mkdirSync, readlinkSync, renameSync, statSync, symlinkSync, unlinkSync } from 'node:fs'
import { hostname } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { epochMs } from '../../kernel/clock.ts'
import { valueUnless } from '../../kernel/value-unless.ts'
import { namesIn } from '../files/names-in.ts'

const directoryName = 'used-by'
/** Longest use by a process of a different container or machine, whose file system we cannot see. */
const foreignUseMs = 24 * 60 * 60_000

interface Use {
  /** Path of the record in the entry. */
  readonly record: string
  /** The user's link to a path in the entry. */
  readonly link: string
  readonly isAlive: boolean
}

/**
 * Links the user to a path in an entry of the cache. The entry is not removed as long as the link exists, so a killed
 * user has nothing to undo. Moving the entry repoints the link.
 *
 * @param target path below the entry
 * @param link path that does not exist yet; its directory belongs to the user and has a unique name
 * @returns a function that ends the use
 */
export function useEntry(entry: string, target: string, link: string): () => void {
  const directory = join(entry, directoryName)
  mkdirSync(directory, { recursive: true, mode: 0o700 })
  for (const { record, isAlive } of usesOf(entry)) if (!isAlive) removeLink(record)
  const name = `${fileSystemOf(link)}-${basename(dirname(link))}`
  // In this order: a record without its link counts as the record of a dead user, so the link is made before the
  // record.
  symlinkSync(target, link)
  symlinkSync(link, join(directory, name))
  const within = target.slice(entry.length)
  return () => {
    // The entry may have been moved.
    const present = targetOf(link)?.slice(0, -within.length) ?? entry
    removeLink(join(present, directoryName, name))
  }
}

export function isUsed(entry: string): boolean {
  return usesOf(entry).some(({ isAlive }) => isAlive)
}

/** Call after moving an entry: repoints the links of its users to the new path. */
export function takeUsersAlong(from: string, to: string): void {
  for (const { link, isAlive } of usesOf(to)) {
    const target = isAlive ? targetOf(link) : undefined
    if (!target?.startsWith(from)) continue
    const next = `${link}-next`
    symlinkSync(`${to}${target.slice(from.length)}`, next)
    renameSync(next, link)
  }
}

/** Removes a link that may be gone already. Not by `rmSync`, which refuses a link to a directory in Node 24. */
function removeLink(path: string): void {
  valueUnless(['ENOENT'], () => unlinkSync(path))
}

function usesOf(entry: string): Use[] {
  return namesIn(join(entry, directoryName)).map((name) => {
    const record = join(entry, directoryName, name)
    const link = targetOf(record) ?? ''
    const isOurs = name.startsWith(`${fileSystemOf(link)}-`)
    return { record, link, isAlive: isOurs ? targetOf(link) !== undefined : ageMs(record) < foreignUseMs }
  })
}

/**
 * Returns an id of the file system of the user's directory: containers and machines may share a cache, but not this
 * file system.
 */
function fileSystemOf(link: string): string {
  const device = statSync(dirname(dirname(link)), { throwIfNoEntry: false })?.dev
  return createHash('sha256').update(`${hostname()} ${device}`).digest('hex').slice(0, 12)
}

function targetOf(link: string): string | undefined {
  return valueUnless(['ENOENT', 'ENOTDIR', 'EACCES', 'EINVAL'], () => readlinkSync(link))
}

function ageMs(path: string): number {
  return epochMs() - (lstatSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0)
}
