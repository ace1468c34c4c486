import { readdirSync } from 'node:fs'
import { readProcFile } from './proc-file.ts'

/**
 * An instant in the numbering of processes: finds the processes made later without a look at all others.
 *
 * @see proc_loadavg(5): the last field is the pid of the youngest process, after the number of running and of all tasks;
 *   proc_stat(5) `processes`: forks since boot
 */
export class PidInstant {
  readonly #then = readNumbering()

  /**
   * Returns the pids of all processes made since; `undefined` if the numbers may have begun anew meanwhile. Older
   * processes can be among them if the numbers had begun anew before.
   */
  youngerPids(): number[] | undefined {
    const then = this.#then
    const pids = readdirSync('/proc').map(Number)
    // Read after the pids, so that none of them is younger.
    const now = readNumbering()
    // The system passes over numbers in use, which are at most as many as there were tasks.
    const reached = then.youngest + (now.forks - then.forks) + then.tasks + now.tasks
    if (!(reached < mostPids())) return undefined
    return pids.filter((pid) => pid > then.youngest && pid <= now.youngest)
  }
}

/** Where the system cannot tell, the numbers are `NaN`. */
interface Numbering {
  readonly youngest: number
  readonly tasks: number
  readonly forks: number
}

function readNumbering(): Numbering {
  const [, tasks, youngest] = /\/(\d+) (\d+)\s*$/.exec(readProcFile('/proc/loadavg') ?? '') ?? []
  const [, forks] = /^processes (\d+)$/m.exec(readProcFile('/proc/stat') ?? '') ?? []
  return { youngest: Number(youngest), tasks: Number(tasks), forks: Number(forks) }
}

function mostPids(): number {
  return Number(readProcFile('/proc/sys/kernel/pid_max'))
}
