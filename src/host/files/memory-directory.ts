import { accessSync, constants, readFileSync, statfsSync } from 'node:fs'
import { succeedsUnless } from '../../kernel/value-unless.ts'

const sharedMemory = '/dev/shm'
/** @see statfs(2) `TMPFS_MAGIC` */
const tmpfs = 0x0102_1994
/**
 * Free space needed. Docker gives a container 64 MiB by default, which a test soon fills; a laptop has half of its
 * memory.
 */
const neededBytes = 2 * 1024 ** 3

/** A directory in memory with room for throw-away data, or the reason why there is no such directory. */
export type MemoryDirectory = { readonly path: string } | { readonly reason: string }

/**
 * Looks for a file system in memory: creating and removing the files of a small server in memory takes a tenth of the
 * time on a disk. The file system must have 2 GiB free, and the machine must have 2 GiB of memory available.
 */
export function findMemoryDirectory(): MemoryDirectory {
  if (!succeedsUnless(['ENOENT', 'EACCES', 'EROFS', 'ENOTDIR'], () => accessSync(sharedMemory, constants.W_OK)))
    return { reason: `${sharedMemory} is not there or not ours to write` }
  const { type, bavail, bsize } = statfsSync(sharedMemory)
  if (type !== tmpfs) return { reason: `${sharedMemory} is not in memory` }
  if (bavail * bsize < neededBytes) return { reason: `${sharedMemory} has less than 2 GiB free` }
  if (availableMemory() < neededBytes) return { reason: 'less than 2 GiB of memory is available' }
  return { path: sharedMemory }
}

/** @see proc_meminfo(5) `MemAvailable` */
function availableMemory(): number {
  const text = readFileSync('/proc/meminfo', 'latin1')
  return Number(/^MemAvailable:\s+(\d+) kB/m.exec(text)?.[1] ?? 0) * 1024
}
