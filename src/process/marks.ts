import { execFileSync } from 'node:child_process'
import { readFileSync, readlinkSync, statSync } from 'node:fs'
import { hasCode } from '../kernel/errors.ts'

/** What tells that a process belongs to a run. */
export interface RunMarks {
  /** The exact `NAME=value` that everything started by the run has in its environment. */
  readonly variable: string
  /** Directories of the run: a working directory or an open standard stream below them is a mark. */
  readonly directories: readonly string[]
  /** The users, besides this one, whom the run started servers as; only root has any. */
  readonly otherUsers?: readonly number[]
}

/**
 * Whether a process carries a mark of the run. No single mark finds everything: redis overwrites its environment,
 * `epmd` leaves its directory, Erlang's port programs close the log; so any one of them is enough.
 */
export function carriesMark(pid: number, marks: RunMarks): boolean {
  if (process.platform !== 'linux') return environmentByPs(pid).includes(` ${marks.variable} `)
  return isOurs(pid, marks.otherUsers) && (hasVariable(pid, marks.variable) || standsIn(pid, marks.directories))
}

/** Only processes of this run's users count: root could read everybody's. */
function isOurs(pid: number, otherUsers: readonly number[] = []): boolean {
  const owner = quietly(() => statSync(`/proc/${pid}`).uid)
  return owner !== undefined && (owner === process.getuid?.() || otherUsers.includes(owner))
}

function hasVariable(pid: number, variable: string): boolean {
  const environment = quietly(() => readFileSync(`/proc/${pid}/environ`, 'latin1'))
  return environment?.split('\0').includes(variable) ?? false
}

const lifelines = ['cwd', 'fd/1', 'fd/2'] as const

function standsIn(pid: number, directories: readonly string[]): boolean {
  return lifelines.some((name) => {
    const path = quietly(() => readlinkSync(`/proc/${pid}/${name}`))
    return path !== undefined && directories.some((directory) => isBelow(path, directory))
  })
}

/** The kernel appends ` (deleted)` to the path of something removed. */
function isBelow(path: string, directory: string): boolean {
  return path === directory || path === `${directory} (deleted)` || path.startsWith(`${directory}/`)
}

/** A process that ended meanwhile (ENOENT, ESRCH) or is not ours to read (EACCES, EPERM) has no marks. */
function quietly<T>(read: () => T): T | undefined {
  try {
    return read()
  } catch (thrown) {
    if (hasCode(thrown, 'ENOENT', 'ESRCH', 'EACCES', 'EPERM')) return undefined
    throw thrown
  }
}

/** macOS shows the environment of one's own processes after the command. */
function environmentByPs(pid: number): string {
  try {
    return `${execFileSync('ps', ['-wwE', '-o', 'command=', '-p', String(pid)], { encoding: 'utf8' }).trim()} `
  } catch (thrown) {
    if ((thrown as { status?: number }).status === 1) return ''
    throw thrown
  }
}
