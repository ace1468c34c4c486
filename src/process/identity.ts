// biome-ignore lint/style/noRestrictedImports: asks the system for its processes
import { execFileSync } from 'node:child_process'
import { readFileSync, readlinkSync } from 'node:fs'
import { StateError } from '../kernel/errors.ts'
import { readProcFile } from './proc-file.ts'
import { unlessGone } from './unless-gone.ts'

/** A process that cannot be mistaken for another one: a pid is reused, pid + start time + boot is not. */
export interface ProcessIdentity {
  readonly pid: number
  /** Linux: clock ticks since boot (field 22 of `/proc/<pid>/stat`); macOS: `ps -o lstart`. */
  readonly startTime: string
  /** The boot, and the namespaces in it in which the pid and the time are counted. */
  readonly bootId: string
}

let knownBootId: string | undefined

/** This boot of this machine, and the namespaces of pids and of times within it. */
export function currentBootId(): string {
  knownBootId ??= process.platform === 'linux' ? linuxBootId() : bsdBootId()
  return knownBootId
}

/** Whether a boot id is of this boot of this machine, perhaps of other namespaces in it. */
export function isThisBoot(bootId: string): boolean {
  return bootId.split('/')[0] === currentBootId().split('/')[0]
}

function linuxBootId(): string {
  const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()
  // Those of times came with Linux 5.6.
  const namespaces = ['pid', 'time'].flatMap((kind) => unlessGone(() => readlinkSync(`/proc/self/ns/${kind}`)) ?? [])
  return [boot, ...namespaces].join('/')
}

function bsdBootId(): string {
  const text = execFileSync('sysctl', ['-n', 'kern.boottime'], { encoding: 'utf8' })
  return /sec = (\d+)/.exec(text)?.[1] ?? text.trim()
}

/** What `/proc/<pid>/stat` says, or `undefined` when the process is gone. */
export interface ProcessStat {
  readonly pid: number
  readonly parent: number
  readonly group: number
  readonly session: number
  /** Whether a terminal controls it; what we start in a session of its own never has one. */
  readonly hasTerminal: boolean
  /** One letter: `R`, `S`, `T` (stopped), `Z` (zombie) … */
  readonly state: string
  /** How many threads it has; on macOS, where it is not asked, 1. */
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

/** One line of `ps -o pid=,ppid=,pgid=,sess=,tty=,state=,lstart=`. */
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

/** The lines of `ps` for one process or, without a pid, for all. Empty when the process is gone. */
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

/** The identity of a living process; `undefined` when it is gone or a zombie. */
export function identify(pid: number): ProcessIdentity | undefined {
  const stat = readStat(pid)
  if (!stat || isDead(stat)) return undefined
  return { pid, startTime: stat.startTime, bootId: currentBootId() }
}

/** A zombie has ended, and only its parent has not looked yet; unless it was its first thread alone that has ended. */
export function isDead({ state, threads }: ProcessStat): boolean {
  return state === 'X' || (state === 'Z' && threads <= 1)
}

/** Whether exactly this process still runs: same boot, same pid, same start time, no zombie. */
export function isAlive(identity: ProcessIdentity): boolean {
  if (identity.bootId !== currentBootId()) return false
  return identify(identity.pid)?.startTime === identity.startTime
}

let own: ProcessIdentity | undefined

/** The identity of this very process. */
export function ownIdentity(): ProcessIdentity {
  own ??= identify(process.pid)
  if (!own) throw new StateError(`cannot find this process, ${process.pid}, in the process table; is /proc mounted?`)
  return own
}

/** Whether a process started no earlier than another one; on macOS by the second. */
export function isYoungerThan(stat: ProcessStat, older: ProcessIdentity): boolean {
  return startOrder(stat.startTime) >= startOrder(older.startTime)
}

function startOrder(startTime: string): number {
  return process.platform === 'linux' ? Number(startTime) : Date.parse(startTime)
}
