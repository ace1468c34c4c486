import { execFileSync } from 'node:child_process'
import { readlinkSync } from 'node:fs'
import { currentBootId, isYoungerThan, type ProcessIdentity, type ProcessStat } from './identity.ts'
import { readProcFile } from './proc-file.ts'
import { unlessGone } from './unless-gone.ts'

/** What tells that a process belongs to a run. */
export interface RunMarks {
  /** The exact `NAME=value` that everything started by the run has in its environment. */
  readonly variable: string
  /** Directories of the run: a working directory or an open standard stream below them is a mark. */
  readonly directories: readonly string[]
  /** The holder: what is older, or of another boot, is not the run's. Reading few environments keeps a stop cheap. */
  readonly since: ProcessIdentity
}

/**
 * Those that carry a mark of the run. No single mark finds everything: redis overwrites its environment, `epmd` leaves
 * its directory, Erlang's port programs close the log; so any one of them is enough. What other users run cannot be
 * read, except by root, whose services may have changed their user.
 */
export function findMarked(stats: Iterable<ProcessStat>, marks: RunMarks): ProcessStat[] {
  if (marks.since.bootId !== currentBootId()) return []
  const candidates = [...stats].filter((stat) => isYoungerThan(stat, marks.since))
  if (process.platform !== 'linux') return withVariableByPs(candidates, marks.variable)
  return candidates.filter((stat) => hasVariable(stat.pid, marks.variable) || standsIn(stat, marks.directories))
}

function hasVariable(pid: number, variable: string): boolean {
  const environment = readProcFile(`/proc/${pid}/environ`)
  return environment !== undefined && `\0${environment}\0`.includes(`\0${variable}\0`)
}

const lifelines = ['cwd', 'fd/1', 'fd/2'] as const

/** A person's shell may stand in a directory of the run as well, but has a terminal. */
function standsIn({ pid, hasTerminal }: ProcessStat, directories: readonly string[]): boolean {
  if (hasTerminal) return false
  return lifelines.some((name) => {
    const path = unlessGone(() => readlinkSync(`/proc/${pid}/${name}`))
    return path !== undefined && directories.some((directory) => isBelow(path, directory))
  })
}

/** The kernel appends ` (deleted)` to the path of something removed. */
function isBelow(path: string, directory: string): boolean {
  return path === directory || path === `${directory} (deleted)` || path.startsWith(`${directory}/`)
}

/** macOS shows the environment of one's own processes after the command and its arguments, which are no mark. */
function withVariableByPs(candidates: readonly ProcessStat[], variable: string): ProcessStat[] {
  if (candidates.length === 0) return []
  const pids = candidates.map(({ pid }) => pid).join(',')
  const commands = linesByPid(['-ww', '-o', 'pid=,command=', '-p', pids])
  const withEnvironment = linesByPid(['-wwE', '-o', 'pid=,command=', '-p', pids])
  return candidates.filter(({ pid }) => {
    const environment = withEnvironment.get(pid)?.slice(commands.get(pid)?.length ?? Number.POSITIVE_INFINITY)
    return `${environment ?? ''} `.includes(` ${variable} `)
  })
}

function linesByPid(options: readonly string[]): Map<number, string> {
  const lines = psOutput(options).split('\n').filter(Boolean)
  return new Map(lines.map((line) => [Number.parseInt(line, 10), line]))
}

/** Status 1: none of the processes is there any more. */
function psOutput(options: readonly string[]): string {
  try {
    return execFileSync('ps', options, { encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 })
  } catch (thrown) {
    if ((thrown as { status?: number }).status === 1) return ''
    throw thrown
  }
}
