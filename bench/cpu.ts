import { readFileSync } from 'node:fs'
import { readProcessTable, withDescendants } from '../src/process/inspect/process-table.ts'
import { unlessUnreadable } from '../src/process/inspect/unless-unreadable.ts'

/** Clock tick of `/proc`, in milliseconds: `sysconf(_SC_CLK_TCK)` is 100 on every Linux. */
const tickMs = 10
/** Number, in proc_pid_stat(5), of the first field after the name in parentheses. */
const firstField = 3
const timeFields = [14, 15, 16, 17]

/**
 * Returns the processor time of processes and their descendants, in milliseconds. Ended descendants are included, if
 * their parents have waited for them.
 *
 * @see proc_pid_stat(5) `utime`, `stime`, `cutime`, `cstime`
 */
export function treeCpuMs(pids: readonly number[]): number {
  return [...withDescendants(pids, readProcessTable())].reduce((sum, pid) => sum + cpuMs(pid), 0)
}

function cpuMs(pid: number): number {
  const text = unlessUnreadable(() => readFileSync(`/proc/${pid}/stat`, 'latin1')) ?? ''
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
  return timeFields.reduce((sum, field) => sum + Number(fields[field - firstField] ?? 0), 0) * tickMs
}
