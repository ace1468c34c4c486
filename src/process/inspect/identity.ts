// biome-ignore lint/style/noRestrictedImports: asks the system for its processes
import { execFileSync } from 'node:child_process'
import { readFileSync, readlinkSync } from 'node:fs'
import { StateError } from '../../kernel/errors.ts'
import { lazy } from '../../kernel/lazy.ts'
import { readProcFile } from './proc-file.ts'
import { unlessUnreadable } from './unless-unreadable.ts'

/** Identifies a process without ambiguity: pids are reused, but pid + start time + boot are unique. */
export interface ProcessIdentity {
  readonly pid: number
  /** Linux: clock ticks since boot (field 22 of `/proc/<pid>/stat`); macOS: `ps -o lstart`. */
  readonly startTime: string
  /** The boot, and the namespaces that pid and start time are counted in. */
  readonly bootId: string
}

/** Returns an id of this boot of this machine, with the namespaces of pids and of times. */
export const currentBootId = lazy(() => (process.platform === 'linux' ? linuxBootId() : bsdBootId()))

/** Whether a boot id is of this boot of this machine, perhaps with different namespaces. */
export function isThisBoot(bootId: string): boolean {
  return bootId.split('/')[0] === currentBootId().split('/')[0]
}

function linuxBootId(): string {
  const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()
  // Namespaces of times came with Linux 5.6.
  const namespaces = ['pid', 'time'].flatMap(
    (kind) => unlessUnreadable(() => readlinkSync(`/proc/self/ns/${kind}`)) ?? [],
  )
  return [boot, ...namespaces].join('/')
}

function bsdBootId(): string {
  const text = execFileSync('sysctl', ['-n', 'kern.boottime'], { encoding: 'utf8' })
  return /sec = (\d+)/.exec(text)?.[1] ?? text.trim()
}

/** Fields of `/proc/<pid>/stat`, or of `ps` on macOS. */
export interface ProcessStat {
  readonly pid: number
  readonly parent: number
  readonly group: number
  readonly session: number
  /** Whether the process has a controlling terminal. Our processes with a session of their own never have a terminal. */
  readonly hasTerminal: boolean
  /** One letter: `R`, `S`, `T` (stopped), `Z` (zombie) … */
  readonly state: string
  /** Number of threads; always 1 on macOS, where the number is not asked for. */
  readonly threads: number
  readonly startTime: string
}

/** @see proc_pid_stat(5): the name in parentheses may itself contain spaces and parentheses */
export function parseStat(text: string): ProcessStat {
  const nameEnd = text.lastIndexOf(')')
  const fields = text.slice(nameEnd + 2).split(' ')
  return {
    pid: Number.parseInt(text, 10),
    state: fields[0] ?? '?',
    parent: Number(fields[1]),
    group: Number(fields[2]),
    session: Number(fields[3]),
    hasTerminal: fields[4] !== '0',
    threads: Number(fields[17]),
    startTime: fields[19] ?? '',
  }
}

export function readStat(pid: number): ProcessStat | undefined {
  if (process.platform !== 'linux') return readStatByPs(pid)
  const text = readProcFile(`/proc/${pid}/stat`)
  return text === undefined ? undefined : parseStat(text)
}

const psColumns = 'pid=,ppid=,pgid=,sess=,tty=,state=,lstart='

/** Parses one line of `ps -o pid=,ppid=,pgid=,sess=,tty=,state=,lstart=`. */
export function parsePsLine(line: string): ProcessStat {
  const [pid, parent, group, session, terminal, state, ...start] = line.trim().split(/\s+/)
  return {
    pid: Number(pid),
    parent: Number(parent),
    group: Number(group),
    session: Number(session) || 0,
    hasTerminal: !/^(\?+|-)$/.test(terminal ?? '-'),
    state: state?.[0] ?? '?',
    threads: 1,
    startTime: start.join(' '),
  }
}

/** Returns the lines of `ps` for one process or, without a pid, for all. Empty when the process is gone. */
export function psLines(pid?: number): string[] {
  const which = pid === undefined ? ['-A'] : ['-p', String(pid)]
  try {
    const text = execFileSync('ps', [...which, '-o', psColumns], {
      encoding: 'utf8',
      env: { ...process.env, LC_ALL: 'C' },
    })
    return text.split('\n').filter(Boolean)
  } catch (thrown) {
    if ((thrown as { status?: number }).status === 1) return []
    throw thrown
  }
}

function readStatByPs(pid: number): ProcessStat | undefined {
  const [line] = psLines(pid)
  return line === undefined ? undefined : parsePsLine(line)
}

/** Returns the identity of a living process; `undefined` if the process is gone or a zombie. */
export function identify(pid: number): ProcessIdentity | undefined {
  const stat = readStat(pid)
  if (!stat || hasEnded(stat)) return undefined
  return { pid, startTime: stat.startTime, bootId: currentBootId() }
}

/**
 * Whether a process has ended: a zombie only waits for its parent. A zombie with more than one thread still runs: only
 * its first thread has ended.
 */
export function hasEnded({ state, threads }: ProcessStat): boolean {
  return state === 'X' || (state === 'Z' && threads <= 1)
}

/** Whether the process still runs: with equal boot, pid and start time, and not as a zombie. */
export function isAlive(identity: ProcessIdentity): boolean {
  if (identity.bootId !== currentBootId()) return false
  return identify(identity.pid)?.startTime === identity.startTime
}

/** Returns the identity of the current process. */
export const ownIdentity = lazy(() => {
  const own = identify(process.pid)
  if (!own) throw new StateError(`cannot find this process, ${process.pid}, in the process table; is /proc mounted?`)
  return own
})

/** Whether a process started at the same time as another process, or later. On macOS start times are whole seconds. */
export function isNotOlderThan(stat: ProcessStat, older: ProcessIdentity): boolean {
  return startOrder(stat.startTime) >= startOrder(older.startTime)
}

function startOrder(startTime: string): number {
  return process.platform === 'linux' ? Number(startTime) : Date.parse(startTime)
}
