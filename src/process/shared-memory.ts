import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { promisify } from 'node:util'
import { hasCode } from '../kernel/errors.ts'

const run = promisify(execFile)

/**
 * Removes the SysV segment that a dead Postgres left, unless somebody is attached to it. Node has no `shmctl`, so
 * `ipcrm` does it, which is part of util-linux and of macOS.
 *
 * @see https://www.postgresql.org/docs/current/storage-file-layout.html `postmaster.pid`: line 7 is key and id
 */
export async function removeSharedMemory(pidFile: string): Promise<void> {
  const id = segmentId(pidFile)
  if (id === undefined || isAttached(id)) return
  await run('ipcrm', ['-m', id]).catch((error: Error) => {
    if (!/invalid id|not found|No such|already removed/i.test(error.message)) throw error
  })
}

function segmentId(pidFile: string): string | undefined {
  const line = readIfThere(pidFile)?.split('\n')[6]
  return line?.trim().split(/\s+/)[1]
}

/** @see proc_sysvipc(5): the columns are key, shmid, perms, size, cpid, lpid, nattch … */
function isAttached(id: string): boolean {
  const lines = readIfThere('/proc/sysvipc/shm')?.split('\n') ?? []
  const columns = lines.map((line) => line.trim().split(/\s+/)).find(([, shmid]) => shmid === id)
  return columns !== undefined && columns[6] !== '0'
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch (thrown) {
    if (hasCode(thrown, 'ENOENT', 'ENOTDIR')) return undefined
    throw thrown
  }
}
