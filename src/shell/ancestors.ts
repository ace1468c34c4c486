// biome-ignore lint/style/noRestrictedImports: asks the system for the calling shell
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync, readlinkSync } from 'node:fs'
import { basename } from 'node:path'
import { valueUnless } from '../kernel/value-unless.ts'

/** An ancestor of this process. */
export interface Ancestor {
  readonly parent: number
  /**
   * The name that the process gives itself, then its executable: a script has its own name and the executable of its
   * shell.
   */
  readonly names: readonly string[]
}

/** The process is gone (`ESRCH`, `ENOENT`), or belongs to another user (`EACCES`, `EPERM`). */
const unreadable = ['ENOENT', 'ESRCH', 'EACCES', 'EPERM']

/** @see proc_pid_stat(5): the name stands in parentheses and may itself contain parentheses */
function readProc(pid: number): Ancestor | undefined {
  const stat = valueUnless(unreadable, () => readFileSync(`/proc/${pid}/stat`, 'utf8'))
  if (stat === undefined) return undefined
  const end = stat.lastIndexOf(')')
  const file = valueUnless(unreadable, () => readlinkSync(`/proc/${pid}/exe`))?.replace(/ \(deleted\)$/, '')
  const names = [stat.slice(stat.indexOf('(') + 1, end)]
  return { parent: Number(stat.slice(end + 2).split(' ')[1]), names: file ? [...names, basename(file)] : names }
}

/**
 * Asks `ps`, on systems without `/proc` (macOS). The name of a login shell begins with a dash. No output means no such
 * process, or no `ps`.
 */
function askPs(pid: number): Ancestor | undefined {
  const { stdout } = spawnSync('ps', ['-o', 'ppid=,comm=', '-p', String(pid)], { encoding: 'utf8' })
  const [, parent, name] = /^\s*(\d+)\s+(.*)$/m.exec(stdout ?? '') ?? []
  return parent && name ? { parent: Number(parent), names: [basename(name).replace(/^-/, '')] } : undefined
}

/** Yields this process, its parent, and so on; at most `limit` processes. */
export function* ancestors(pid: number, limit: number): Generator<Ancestor> {
  const read = existsSync('/proc/self/stat') ? readProc : askPs
  for (let next = pid, left = limit; next > 0 && left > 0; left -= 1) {
    const ancestor = read(next)
    if (!ancestor) return
    yield ancestor
    next = ancestor.parent
  }
}
