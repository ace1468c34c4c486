import { readFileSync } from 'node:fs'
import { descendantsOf, readProcessTable } from '../src/process/process-table.ts'
import { unlessGone } from '../src/process/unless-gone.ts'

/** `sysconf(_SC_CLK_TCK)`, which is the same on every Linux. */
const tickMs = 10
/** The first field after the name, which stands in parentheses, is the third. */
const firstField = 3
const timeFields = [14, 15, 16, 17]

/**
 * The processor time that processes and their descendants have used, in milliseconds: that of those which have ended
 * included, as their parent has waited for them.
 *
 * @see proc_pid_stat(5) `utime`, `stime`, `cutime`, `cstime`
 */
export function treeCpuMs(pids: readonly number[]): number {
  return [...descendantsOf(pids, readProcessTable())].reduce((sum, pid) => sum + cpuMs(pid), 0)
}

function cpuMs(pid: number): number {
  const text = unlessGone(() => readFileSync(`/proc/${pid}/stat`, 'latin1')) ?? ''
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
  return timeFields.reduce((sum, field) => sum + Number(fields[field - firstField] ?? 0), 0) * tickMs
}
