// biome-ignore lint/style/noRestrictedImports: asks the system for marked processes
import { execFileSync } from 'node:child_process'
import { readlinkSync } from 'node:fs'
import { PermissionError } from '../kernel/errors.ts'
import { controlGroupMembers } from './control-group.ts'
import { currentBootId, isYoungerThan, type ProcessIdentity, type ProcessStat } from './identity.ts'
import { readProcFile } from './proc-file.ts'
import { askAs, isRunBy, type SudoScript, type SudoUser } from './sudo.ts'
import { unlessGone } from './unless-gone.ts'

/** What tells that a process belongs to a run. */
export interface RunMarks {
  /** The exact `NAME=value` that everything started by the run has in its environment. */
  readonly variable: string
  /** Directories of the run: a working directory or an open standard stream below them is a mark. */
  readonly directories: readonly string[]
  /** Where the kernel keeps what the run started together, whatever it leaves. */
  readonly controlGroup?: string | undefined
  /** The holder: what is older, or of another boot, is not the run's. Reading few environments keeps a stop cheap. */
  readonly since: ProcessIdentity
  /** As whom something of the run was started by `sudo`: what they run can be read and ended as them only. */
  readonly users?: readonly SudoUser[]
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
  const others = (marks.users ?? []).flatMap((user) => findMarkedAs(user, candidates, marks))
  const members = marks.controlGroup === undefined ? [] : controlGroupMembers(marks.controlGroup)
  const known = new Set([...others, ...members])
  return candidates.filter(
    (stat) => known.has(stat.pid) || hasVariable(stat.pid, marks.variable) || standsIn(stat, marks.directories),
  )
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
    return path !== undefined && isBelowOne(path, directories)
  })
}

/** The kernel appends ` (deleted)` to the path of something removed. */
function isBelowOne(path: string, directories: readonly string[]): boolean {
  return directories.some(
    (directory) => path === directory || path === `${directory} (deleted)` || path.startsWith(`${directory}/`),
  )
}

/** The pid alone of a process with the variable, the pid and a path for where others stand. */
const lookScript = `
variable=$1; shift
for pid do
  if grep -qzxF -e "$variable" "/proc/$pid/environ"; then echo "$pid"; continue; fi
  for name in ${lifelines.join(' ')}; do echo "$pid $(readlink "/proc/$pid/$name")"; done
done 2> /dev/null`

/** The pids of those of the user's processes that carry a mark. */
function findMarkedAs(user: SudoUser, candidates: readonly ProcessStat[], marks: RunMarks): number[] {
  const theirs = new Map(candidates.filter(({ pid }) => isRunBy(user, pid)).map((stat) => [stat.pid, stat]))
  if (theirs.size === 0) return []
  const lines = tryAskAs(user, { script: lookScript, args: [marks.variable, ...[...theirs.keys()].map(String)] })
  return lines.split('\n').flatMap((line) => {
    const [, pid = '', path] = /^(\d+)(?: (.*))?$/.exec(line) ?? []
    const stands = path !== undefined && !theirs.get(Number(pid))?.hasTerminal && isBelowOne(path, marks.directories)
    return pid !== '' && (path === undefined || stands) ? [Number(pid)] : []
  })
}

/** Nothing when that is no longer permitted: then what is known cannot be ended either, and is named. */
function tryAskAs(user: SudoUser, script: SudoScript): string {
  try {
    return askAs(user, script)
  } catch (thrown) {
    if (thrown instanceof PermissionError) return ''
    throw thrown
  }
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
