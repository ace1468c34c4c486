// biome-ignore lint/style/noRestrictedImports: asks the system for its segments
import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { promisify } from 'node:util'
import { valueUnless } from '../kernel/value-unless.ts'

const run = promisify(execFile)

interface Segment {
  readonly id: string
  readonly creator: string
  readonly attached: string
}

/**
 * Removes the SysV segment that a dead Postgres left, unless a process is attached to the segment, or the number now
 * belongs to a different segment. Node has no `shmctl`, so `ipcrm` does the work, which is part of util-linux and of
 * macOS.
 *
 * @see https://www.postgresql.org/docs/current/storage-file-layout.html `postmaster.pid`: line 1 is the pid, 7 key and
 * id
 */
export async function removeSharedMemory(pidFile: string): Promise<void> {
  const lines = readIfPresent(pidFile)?.split('\n') ?? []
  // A server without a postmaster, such as the servers that initdb runs, writes its pid with a minus.
  const [creator, id] = [lines[0]?.trim().replace('-', ''), lines[6]?.trim().split(/\s+/)[1]]
  const segment = id === undefined ? undefined : (await listSegments()).find((one) => one.id === id)
  if (!segment || segment.creator !== creator || segment.attached !== '0') return
  await run('ipcrm', ['-m', segment.id]).catch((error: Error) => {
    if (!/invalid id|not found|No such|already removed/i.test(error.message)) throw error
  })
}

async function listSegments(): Promise<Segment[]> {
  if (process.platform === 'linux') return (readIfPresent('/proc/sysvipc/shm') ?? '').split('\n').map(fromProc)
  const { stdout } = await run('ipcs', ['-m', '-a'])
  return stdout.split('\n').map(fromIpcs)
}

/** @see proc_sysvipc(5): the columns are key, shmid, perms, size, cpid, lpid, nattch … */
function fromProc(line: string): Segment {
  const [, id = '', , , creator = '', , attached = ''] = line.trim().split(/\s+/)
  return { id, creator, attached }
}

/** macOS: `T ID KEY MODE OWNER GROUP CREATOR CGROUP NATTCH SEGSZ CPID …` */
function fromIpcs(line: string): Segment {
  const columns = line.trim().split(/\s+/)
  return { id: columns[1] ?? '', creator: columns[10] ?? '', attached: columns[8] ?? '' }
}

function readIfPresent(path: string): string | undefined {
  return valueUnless(['ENOENT', 'ENOTDIR'], () => readFileSync(path, 'utf8'))
}
