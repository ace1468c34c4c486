import { createHash } from 'node:crypto'
import { chmodSync, mkdirSync, renameSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { epochMs } from '../../kernel/clock.ts'
import { Deadline } from '../../kernel/deadline.ts'
import { hasCode, TestServicesError } from '../../kernel/errors.ts'
import { poll } from '../../kernel/poll.ts'
import { ignore, succeedsUnless } from '../../kernel/value-unless.ts'
import { cacheDirectory } from './cache-directory.ts'
import { isComplete, touch, writeManifest } from './cache-manifest.ts'
import { boundCache, removeLeftovers, retire, temporaryPath } from './cache-sweep.ts'

export interface CacheEntryOptions {
  /** Kind of the content, for people who look into the cache: `postgres-data`. Letters, digits, hyphens. */
  readonly name: string
  /** All values that the content depends on; hashed. */
  readonly key: readonly unknown[]
  /** Fills the directory, which exists and is empty. */
  readonly build: (directory: string, signal: AbortSignal) => Promise<void>
  /** Limit for building and for waiting for another builder. Default: two minutes. */
  readonly deadline?: Deadline | undefined
  /** Directory to use instead of the user's cache; must be ours. */
  readonly root?: string
}

interface CachePaths {
  readonly root: string
  readonly entry: string
  readonly content: string
}

const buildLimitMs = 120_000
const pollMs = 20
/** Age after which a lock is taken over. A builder renews its lock every second. Two builders are harmless. */
const staleMs = 5_000
const lockOptions = { realpath: false, stale: staleMs, update: 1_000, onCompromised: () => {} }

/**
 * Returns the path of a complete directory with the content of this key; builds the directory if there is none.
 * Concurrent callers, also in other processes, wait for one builder. A damaged entry is built again. Nobody may write
 * below the path.
 *
 * @throws ERR_DEADLINE, ERR_CANCELED, and any error of the build; no half-built entry stays behind
 */
export async function cacheEntry(options: CacheEntryOptions): Promise<string> {
  const place = placeOf(options)
  const deadline = options.deadline ?? new Deadline(`preparing ${options.name} in ${place.root}`, buildLimitMs)
  await poll({ firstMs: pollMs, deadline }, async () => {
    return isComplete(place.entry, place.content) || (await buildIfFree(options.build, place, deadline))
  })
  touch(place.entry)
  return place.content
}

/** Builds the entry if it is not complete yet. Returns `undefined` while another builder has the lock. */
async function buildIfFree(build: CacheEntryOptions['build'], place: CachePaths, deadline: Deadline) {
  const release = await tryLock(place.entry)
  if (!release) return undefined
  try {
    if (!isComplete(place.entry, place.content)) await buildEntry(build, place, deadline)
    return true
  } finally {
    await release()
  }
}

function placeOf({ name, key, root = cacheDirectory() }: CacheEntryOptions): CachePaths {
  const hash = createHash('sha256').update(JSON.stringify(key)).digest('hex').slice(0, 20)
  const entry = join(root, `${name}-${hash}`)
  return { root, entry, content: join(entry, 'content') }
}

/**
 * Returns the function that releases the lock, or `undefined` while another builder has the lock. Imports the library
 * late, because the import installs signal handlers.
 */
async function tryLock(entry: string): Promise<(() => Promise<void>) | undefined> {
  const { default: lockfile } = await import('proper-lockfile')
  removeStaleLock(`${entry}.lock`)
  const release = await lockfile.lock(entry, lockOptions).catch(ignore('ELOCKED'))
  // While we were stopped, another builder may have taken over the lock; releasing is up to the new owner then.
  return release && (() => release().catch(ignore('ERELEASED', 'ECOMPROMISED', 'ENOTACQUIRED')))
}

/**
 * Removes a stale lock by the real clock. The library asks the global clock, which a test may have faked, in this
 * process or in the process that made the lock.
 */
function removeStaleLock(lock: string): void {
  const lockedAt = statSync(lock, { throwIfNoEntry: false })?.mtimeMs
  if (lockedAt !== undefined && Math.abs(epochMs() - lockedAt) > staleMs) rmSync(lock, { recursive: true, force: true })
}

async function buildEntry(fill: CacheEntryOptions['build'], place: CachePaths, deadline: Deadline): Promise<void> {
  removeLeftovers(place.root)
  const temporary = temporaryPath(place.root, 'building')
  mkdirSync(join(temporary, 'content'), { recursive: true, mode: 0o700 })
  chmodSync(temporary, 0o711) // a server of another account may pass, if the root admits it, to the data given to it
  try {
    await inTime((signal) => fill(join(temporary, 'content'), signal), deadline)
    writeManifest(temporary, join(temporary, 'content'))
    publish(temporary, place)
  } finally {
    rmSync(temporary, { recursive: true, force: true, maxRetries: 3 })
  }
  boundCache(place.root)
}

/**
 * Works like `deadline.race`, but waits until the canceled build has ended: a build still running would write where we
 * remove.
 */
async function inTime(work: (signal: AbortSignal) => Promise<void>, deadline: Deadline): Promise<void> {
  let running: Promise<void> = Promise.resolve()
  try {
    await deadline.race((signal) => {
      running = work(signal)
      return running
    })
  } catch (thrown) {
    throw await running.then(
      () => thrown,
      (own) => (isSameEnd(thrown, own) ? own : thrown),
    )
  }
}

/**
 * Whether the build's own error reports the same end. The build's error knows the failed step, and any failed clean-up.
 */
function isSameEnd(end: unknown, own: unknown): boolean {
  const first: unknown = own instanceof AggregateError ? own.errors[0] : own
  return end instanceof TestServicesError && hasCode(first, end.code)
}

/**
 * Puts a built directory into place. If another builder was faster, uses the result of that builder; moves a damaged
 * entry aside.
 */
function publish(temporary: string, { root, entry, content }: CachePaths): void {
  const isPublished = succeedsUnless(['ENOTEMPTY', 'EEXIST'], () => renameSync(temporary, entry))
  if (isPublished || isComplete(entry, content)) return
  retire(root, entry)
  renameSync(temporary, entry)
}
