import {
  accessSync,
  closeSync,
  constants,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  rmdirSync,
  write,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { monotonicMs } from '../kernel/clock.ts'
import { type PollPauses, poll } from '../kernel/poll.ts'
import { ignore, succeedsUnless } from '../kernel/value-unless.ts'
import { isAlive, type ProcessIdentity } from './inspect/identity.ts'
import { readProcFile } from './inspect/proc-file.ts'
import { unlessUnreadable } from './inspect/unless-unreadable.ts'

const pauses: PollPauses = { firstMs: 1, lastMs: 10 }
const removalLimitMs = 500

/**
 * Returns the path of this process's control group if child groups can be made there: for root if the hierarchy is
 * writable, for an ordinary user if a group was delegated. Every child of a process in a group stays in the group, even
 * if the child leaves its session, directory and environment behind.
 *
 * @see https://docs.kernel.org/admin-guide/cgroup-v2.html
 */
export function ownControlGroup(): string | undefined {
  const path = /^0::(.*)$/m.exec(readProcFile('/proc/self/cgroup') ?? '')?.[1]
  const mount = path === undefined ? undefined : unifiedHierarchy()
  // A path of a different namespace begins with "/..": the hierarchy mounted here does not show that path.
  if (path === undefined || mount === undefined || path.startsWith('/..')) return undefined
  const own = join(mount.point, path.startsWith(mount.root) ? path.slice(mount.root.length) : path)
  return isWritable(join(own, 'cgroup.procs')) ? own : undefined
}

/** @see proc_pid_mountinfo(5): field 4 is the root within the file system, field 5 the mount point */
function unifiedHierarchy(): { readonly root: string; readonly point: string } | undefined {
  const mounts = readProcFile('/proc/self/mountinfo') ?? ''
  const [, root, point] = /^\S+ \S+ \S+ (\S+) (\S+) .* - cgroup2 /m.exec(mounts) ?? []
  return root === undefined || point === undefined ? undefined : { root: root === '/' ? '' : root, point }
}

function isWritable(path: string): boolean {
  return succeedsUnless(['EACCES', 'EPERM', 'EROFS', 'ENOENT'], () => accessSync(path, constants.W_OK))
}

/** Makes a group; returns `false` if the kernel refuses. */
export function makeControlGroup(path: string): boolean {
  const refusals = ['EACCES', 'EPERM', 'EROFS', 'EAGAIN', 'ENOENT', 'EEXIST']
  return succeedsUnless(refusals, () => mkdirSync(path))
}

let preparation: Promise<void> | undefined

/**
 * Makes the kernel wait for every processor now, while the caller has other work: a process that joins a group within
 * some 10 ms after that wait does not wait again. Moves this process to its own group, which changes nothing.
 */
export function prepareJoins(): void {
  preparation ??= prepare()
    // Ignored: the join of a process reports the failure.
    .catch(() => {})
    .finally(() => {
      preparation = undefined
    })
}

async function prepare(): Promise<void> {
  const own = ownControlGroup()
  if (own !== undefined) await joinControlGroup(own, process.pid)
}

/**
 * Moves a process, with all its future children, into the group. Returns `false` if the kernel refuses: the other marks
 * must identify the process then.
 *
 * The kernel first waits for every processor, usually 10 ms. A libuv thread does that waiting. The thread gets the work
 * before the function returns, so that the work is not queued behind later work of the caller.
 *
 * @see https://docs.kernel.org/admin-guide/cgroup-v2.html the mount option `favordynmods` makes the kernel wait less
 */
export function joinControlGroup(path: string, pid: number): Promise<boolean> {
  const refusals = ['EACCES', 'EPERM', 'EROFS', 'EOPNOTSUPP', 'EBUSY', 'EINVAL', 'ENODEV', 'ENOENT', 'ESRCH']
  return writePid(join(path, 'cgroup.procs'), pid).then(
    () => true,
    (thrown) => ignore(...refusals)(thrown) ?? false,
  )
}

async function writePid(path: string, pid: number): Promise<void> {
  const file = openSync(path, constants.O_WRONLY)
  try {
    await promisify(write)(file, Buffer.from(`${pid}`))
  } finally {
    closeSync(file)
  }
}

/**
 * Moves one of our processes into the group, and makes the group and its parent if they are missing. Waits for the end
 * of a preparation first, because making a group meanwhile would block this thread. If the process has ended and its pid
 * was reused, moves the new owner of the pid back to our own group, two levels up.
 */
export async function enterControlGroup(path: string, identity: ProcessIdentity): Promise<boolean> {
  await preparation
  makeControlGroup(dirname(path))
  makeControlGroup(path)
  const isInside = await joinControlGroup(path, identity.pid)
  if (!isAlive(identity)) await joinControlGroup(join(path, '..', '..'), identity.pid)
  return isInside
}

/** Returns the processes of a group and of its descendant groups. */
export function controlGroupMembers(path: string): number[] {
  const own = (readProcFile(join(path, 'cgroup.procs')) ?? '').split('\n').map(Number).filter(Boolean)
  return [...own, ...groupsBelow(path).flatMap(controlGroupMembers)]
}

/**
 * Removes a group and its descendant groups. Processes still inside were spared by the termination and move one level
 * up.
 */
export async function removeControlGroup(path: string): Promise<void> {
  for (const inner of groupsBelow(path)) await removeControlGroup(inner)
  // A process that is just ending keeps the group busy for a moment, until its last thread has ended.
  const givesUpAt = monotonicMs() + removalLimitMs
  await poll(pauses, async () => {
    const expected = monotonicMs() > givesUpAt ? ['ENOENT'] : ['ENOENT', 'EBUSY']
    if (succeedsUnless(expected, () => rmdirSync(path)) || !existsSync(path)) return true
    for (const pid of controlGroupMembers(path)) await joinControlGroup(join(path, '..'), pid)
    return undefined
  })
}

function groupsBelow(path: string): string[] {
  const entries = unlessUnreadable(() => readdirSync(path, { withFileTypes: true })) ?? []
  return entries.filter((entry) => entry.isDirectory()).map(({ name }) => join(path, name))
}
