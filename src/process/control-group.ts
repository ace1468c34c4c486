import { accessSync, closeSync, constants, mkdirSync, openSync, readdirSync, rmdirSync, write } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { sleep } from '../kernel/deadline.ts'
import { hasCode } from '../kernel/errors.ts'
import { isAlive, type ProcessIdentity } from './identity.ts'
import { readProcFile } from './proc-file.ts'
import { unlessGone } from './unless-gone.ts'

const removalAttempts = 50
const longestPauseMs = 10

/**
 * The control group of this process where groups can be made below it: as root where the hierarchy is writable, and as
 * a user to whom one was delegated. What a process in a group starts stays in it, whatever else it leaves.
 *
 * @see https://docs.kernel.org/admin-guide/cgroup-v2.html
 */
export function ownControlGroup(): string | undefined {
  const path = /^0::(.*)$/m.exec(readProcFile('/proc/self/cgroup') ?? '')?.[1]
  const mount = path === undefined ? undefined : unifiedHierarchy()
  // A path of another namespace begins with "/..": the hierarchy that is mounted here does not show it.
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
  try {
    accessSync(path, constants.W_OK)
    return true
  } catch (thrown) {
    if (hasCode(thrown, 'EACCES', 'EPERM', 'EROFS', 'ENOENT')) return false
    throw thrown
  }
}

/** Makes a group; `false` where the kernel does not let us after all. */
export function makeControlGroup(path: string): boolean {
  try {
    mkdirSync(path)
    return true
  } catch (thrown) {
    if (hasCode(thrown, 'EACCES', 'EPERM', 'EROFS', 'EAGAIN', 'ENOENT', 'EEXIST')) return false
    throw thrown
  }
}

/**
 * Moves a process there with all that it will start. Where the kernel refuses, its other marks have to do.
 *
 * The kernel waits for every processor first, for 10 ms as a rule: one of libuv's threads waits with it. It gets the
 * work before this returns, so that it need not stand in line behind what the caller does meanwhile.
 *
 * @see https://docs.kernel.org/admin-guide/cgroup-v2.html the mount option `favordynmods`, which has it wait less
 */
export async function joinControlGroup(path: string, pid: number): Promise<void> {
  try {
    const file = openSync(join(path, 'cgroup.procs'), constants.O_WRONLY)
    try {
      await promisify(write)(file, Buffer.from(`${pid}`))
    } finally {
      closeSync(file)
    }
  } catch (thrown) {
    if (!hasCode(thrown, 'EACCES', 'EPERM', 'EROFS', 'EOPNOTSUPP', 'EBUSY', 'EINVAL', 'ENODEV', 'ENOENT', 'ESRCH'))
      throw thrown
  }
}

/**
 * Moves one of our processes into the group. If it has ended meanwhile and its pid was reused, moves the new owner back
 * out, to where we are, two levels up.
 */
export async function enterControlGroup(path: string, identity: ProcessIdentity): Promise<void> {
  await joinControlGroup(path, identity.pid)
  if (!isAlive(identity)) await joinControlGroup(join(path, '..', '..'), identity.pid)
}

/** The processes of a group and of those below it. */
export function controlGroupMembers(path: string): number[] {
  const own = (readProcFile(join(path, 'cgroup.procs')) ?? '').split('\n').map(Number).filter(Boolean)
  return [...own, ...groupsBelow(path).flatMap(controlGroupMembers)]
}

/** Removes a group and those below it. Who is still in one has been spared, and goes on one level higher. */
export async function removeControlGroup(path: string): Promise<void> {
  for (const inner of groupsBelow(path)) await removeControlGroup(inner)
  // One that is just ending, all but its last thread, keeps the group busy for a moment.
  for (let attempt = 1; !(await isRemoved(path, attempt === removalAttempts)); attempt++)
    await sleep(Math.min(attempt, longestPauseMs))
}

async function isRemoved(path: string, isLast: boolean): Promise<boolean> {
  try {
    rmdirSync(path)
    return true
  } catch (thrown) {
    if (hasCode(thrown, 'ENOENT')) return true
    if (isLast || !hasCode(thrown, 'EBUSY')) throw thrown
  }
  for (const pid of controlGroupMembers(path)) await joinControlGroup(join(path, '..'), pid)
  return false
}

function groupsBelow(path: string): string[] {
  const entries = unlessGone(() => readdirSync(path, { withFileTypes: true })) ?? []
  return entries.filter((entry) => entry.isDirectory()).map(({ name }) => join(path, name))
}
