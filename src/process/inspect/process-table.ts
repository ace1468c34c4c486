import { readdirSync } from 'node:fs'
import { hasEnded, type ProcessStat, parsePsLine, psLines, readStat } from './identity.ts'
import type { PidInstant } from './younger.ts'

/**
 * Returns every living process that this user can see, keyed by pid. Costs about 6 ms at 475 processes on Linux.
 *
 * @param since leaves out older processes, except this process and its ancestors
 */
export function readProcessTable(since?: PidInstant): Map<number, ProcessStat> {
  const stats = process.platform === 'linux' ? fromProc(since) : psLines().map(parsePsLine)
  return new Map(stats.filter((stat) => !hasEnded(stat)).map((stat) => [stat.pid, stat]))
}

function fromProc(since: PidInstant | undefined): ProcessStat[] {
  const younger = since?.youngerPids()
  const pids = younger ? [...younger, ...ownLine()] : readdirSync('/proc').map(Number).filter(Number.isInteger)
  return pids.flatMap((pid) => readStat(pid) ?? [])
}

/** Returns the pids of this process and its ancestors. */
function ownLine(): number[] {
  const line: number[] = []
  // A pid may be reused meanwhile.
  for (let pid = process.pid; pid > 0 && !line.includes(pid); pid = readStat(pid)?.parent ?? 0) line.push(pid)
  return line
}

/** Returns the given pids and all their descendants, in any group or session. */
export function withDescendants(pids: Iterable<number>, table: ReadonlyMap<number, ProcessStat>): Set<number> {
  const found = new Set<number>(pids)
  for (let size = -1; size !== found.size; ) {
    size = found.size
    for (const stat of table.values()) if (found.has(stat.parent)) found.add(stat.pid)
  }
  return found
}
