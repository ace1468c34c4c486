import { readdirSync } from 'node:fs'
import { readProcFile } from './proc-file.ts'

/**
 * An instant in the numbering of processes: finds the processes made later without a look at all others.
 *
 * @see proc_loadavg(5): the last field is the pid of the youngest process; proc_stat(5) `processes`: forks since boot
 */
export class PidInstant {
  readonly #youngest = youngestPid()
  readonly #forks = forksSinceBoot()

  /**
   * Returns the pids of all processes made since; `undefined` if the numbers may have begun anew. Where they had begun
   * anew earlier, older processes with higher numbers are among them.
   */
  youngerPids(): number[] | undefined {
    const reached = this.#youngest + forksSinceBoot() - this.#forks
    if (!(reached < mostPids())) return undefined
    return readdirSync('/proc')
      .map(Number)
      .filter((pid) => pid > this.#youngest)
  }
}

function youngestPid(): number {
  return Number(readProcFile('/proc/loadavg')?.trim().split(' ').at(-1))
}

function forksSinceBoot(): number {
  return Number(/^processes (\d+)$/m.exec(readProcFile('/proc/stat') ?? '')?.[1])
}

function mostPids(): number {
  return Number(readProcFile('/proc/sys/kernel/pid_max'))
}
