import { readFileSync } from 'node:fs'
import { readProcessTable, withDescendants } from './process-table.ts'
import { unlessUnreadable } from './unless-unreadable.ts'

/**
 * Returns the memory of a process and its descendants in bytes; shared pages are divided among the processes that share
 * them. `undefined` if the system does not tell.
 *
 * @see proc_pid_smaps(5): `smaps_rollup`, `Pss`
 */
export function memoryOf(pid: number): number | undefined {
  if (process.platform !== 'linux') return undefined
  const table = readProcessTable()
  if (!table.has(pid)) return undefined
  return [...withDescendants([pid], table)].reduce((sum, each) => sum + proportionalSize(each), 0)
}

function proportionalSize(pid: number): number {
  const text = unlessUnreadable(() => readFileSync(`/proc/${pid}/smaps_rollup`, 'latin1')) ?? ''
  return Number(/^Pss:\s+(\d+) kB/m.exec(text)?.[1] ?? 0) * 1024
}
