// biome-ignore lint/style/noRestrictedImports: asks the system for marked processes
import { execFileSync } from 'node:child_process'
import { readlinkSync } from 'node:fs'
import { controlGroupMembers } from './control-group.ts'
import { currentBootId, isNotOlderThan, type ProcessIdentity, type ProcessStat } from './inspect/identity.ts'
import { readProcFile } from './inspect/proc-file.ts'
import { readProcessTable } from './inspect/process-table.ts'
import { unlessUnreadable } from './inspect/unless-unreadable.ts'
import type { PidInstant } from './inspect/younger.ts'
import type { OtherUser } from './other-user.ts'

/** Marks by which the processes of a run are found. */
export interface RunMarks {
  /** The exact `NAME=value` in the environment of every process that the run starts. */
  readonly variable: string
  /**
   * Directories of the run. A process without a terminal is marked if its working directory, standard output or standard
   * error is one of them, or below.
   */
  readonly directories: readonly string[]
  /** Control group in which the kernel keeps all processes of the run together. */
  readonly controlGroup?: string | undefined
  /**
   * Processes older than the holder, or of a different boot, are not the run's. Their environments are not read, since
   * reading is what makes a stop slow.
   */
  readonly holder: ProcessIdentity
  /** Instant before the first process of the run: older processes need no look. */
  readonly since?: PidInstant | undefined
  /** Users as whom the run started processes by `sudo`: only as the same user can such processes be read and ended. */
  readonly users?: readonly OtherUser[]
}

/**
 * Finds the processes that carry a mark of the run. One mark is enough, since each alone misses some: redis overwrites
 * its environment, `epmd` leaves its directory, and Erlang's port programs close their standard streams. Processes of
 * other users cannot be read, except by root, whose services may have changed their user.
 */
export function findMarked(stats: Iterable<ProcessStat>, marks: RunMarks): ProcessStat[] {
  if (marks.holder.bootId !== currentBootId()) return []
  const candidates = [...stats].filter((stat) => isNotOlderThan(stat, marks.holder))
  if (process.platform !== 'linux') return withVariableByPs(candidates, marks.variable)
  const others = (marks.users ?? []).flatMap((user) => findMarkedOf(user, candidates, marks))
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

/** Returns the values of a variable in the environments of the processes made since an instant. Linux only. */
export function valuesOf(name: string, since: PidInstant): Set<string> {
  const pids = since.youngerPids() ?? readProcessTable().keys()
  const variables = [...pids].flatMap((pid) => readProcFile(`/proc/${pid}/environ`)?.split('\0') ?? [])
  const prefix = `${name}=`
  return new Set(variables.filter((each) => each.startsWith(prefix)).map((each) => each.slice(prefix.length)))
}

const markedLinks = ['cwd', 'fd/1', 'fd/2'] as const

/**
 * Whether a process has its working directory or an output below the directories. A person's shell may stand in a
 * directory of the run as well, but has a terminal.
 */
function standsIn({ pid, hasTerminal }: ProcessStat, directories: readonly string[]): boolean {
  if (hasTerminal) return false
  return markedLinks.some((name) => {
    const path = unlessUnreadable(() => readlinkSync(`/proc/${pid}/${name}`))
    return path !== undefined && isBelowOne(path, directories)
  })
}

/**
 * Whether a path is one of the directories, or below. The kernel appends ` (deleted)` to the path of a removed
 * directory.
 */
function isBelowOne(path: string, directories: readonly string[]): boolean {
  return directories.some(
    (directory) => path === directory || path === `${directory} (deleted)` || path.startsWith(`${directory}/`),
  )
}

/**
 * Returns the pids of the user's processes that carry a mark. The user's answer has a line `PID` for the variable, and
 * `PID PATH` for a link.
 */
function findMarkedOf(user: OtherUser, candidates: readonly ProcessStat[], marks: RunMarks): number[] {
  const theirs = new Map(candidates.filter(({ pid }) => user.runs(pid)).map((stat) => [stat.pid, stat]))
  if (theirs.size === 0) return []
  const lines = user.look([...theirs.keys()], marks.variable, markedLinks)
  return lines.split('\n').flatMap((line) => {
    const [, pid = '', path] = /^(\d+)(?: (.*))?$/.exec(line) ?? []
    const stands = path !== undefined && !theirs.get(Number(pid))?.hasTerminal && isBelowOne(path, marks.directories)
    return pid !== '' && (path === undefined || stands) ? [Number(pid)] : []
  })
}

/**
 * macOS shows the environment of one's own processes after the command and its arguments. A match in the command itself
 * is no mark.
 */
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

/** Returns an empty text for status 1: none of the processes exists any more. */
function psOutput(options: readonly string[]): string {
  try {
    return execFileSync('ps', options, { encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 })
  } catch (thrown) {
    if ((thrown as { status?: number }).status === 1) return ''
    throw thrown
  }
}
