import { readdirSync } from 'node:fs'
import { hasEnded, type ProcessStat, parsePsLine, psLines, readStat } from './identity.ts'

/** Returns every living process that this user can see, keyed by pid. Costs about 6 ms at 475 processes on Linux. */
export function readProcessTable(): Map<number, ProcessStat> {
  const stats = process.platform === 'linux' ? fromProc() : psLines().map(parsePsLine)
  return new Map(stats.filter((stat) => !hasEnded(stat)).map((stat) => [stat.pid, stat]))
}

function fromProc(): ProcessStat[] {
  const stats: ProcessStat[] = []
  for (const name of readdirSync('/proc')) {
    const pid = Number(name)
    const stat = Number.isInteger(pid) ? readStat(pid) : undefined
    if (stat) stats.push(stat)
  }
  return stats
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
