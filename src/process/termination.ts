import { monotonicMs } from '../kernel/clock.ts'
import { type PollPauses, poll } from '../kernel/poll.ts'
import { processExists } from '../kernel/process-exists.ts'
import { controlGroupMembers } from './control-group.ts'
import { currentBootId, isAlive, type ProcessIdentity, type ProcessStat, readStat } from './inspect/identity.ts'
import { readProcessTable, withDescendants } from './inspect/process-table.ts'
import { unlessExhausted } from './inspect/unless-unreadable.ts'
import { findMarked, type RunMarks } from './marks.ts'
import { killEach, send } from './signals.ts'
import type { StopLadder } from './stop-ladder.ts'

/** The end of a process is noticed before another quarter of the waited time has passed. */
const pauses: PollPauses = { firstMs: 1, lastMs: 40, growth: 1.25 }
const killLimitMs = 2_000
/** Time in which a killed process is usually gone. A later end is seen by the next look. */
const deathMs = 10
const groupWaitMs = 1_000
const neededLooks = 2

/** Set in every guardian's environment, so that terminating a run spares the guardians of nested runs. */
export const guardianMark = { name: 'TEST_SERVICES_GUARDIAN', value: '1' } as const

/** Leader of a process group of ours, with the ladder for stopping the leader. */
interface Leader {
  readonly identity: ProcessIdentity
  readonly ladder: StopLadder
}

/** Facts that a termination needs to end every process of a run, and only these processes. */
export interface TerminationTarget {
  readonly leaders: readonly Leader[]
  readonly marks: RunMarks
  /** Descendants that were seen earlier and may have lost every mark since. */
  readonly seen?: readonly ProcessIdentity[]
  /** Whether all leaders are in the control group of the marks. */
  readonly isGrouped?: boolean
}

/**
 * Ends the target: each leader by its own ladder, then every process by SIGKILL. Returns the remaining processes: none,
 * unless the kernel holds a process. `forceSignal` skips to the kill.
 */
export async function terminate(
  target: TerminationTarget,
  forceSignal?: AbortSignal,
): Promise<readonly ProcessIdentity[]> {
  const table = readProcessTable(target.marks.since)
  // Must be looked up now: once a leader is gone, its children belong to init and cannot be recognised.
  const seen = findProcesses(target, table)
  // SIGKILL ends a halted process too, so nothing is continued before it.
  if (!forceSignal?.aborted) continueStopped(seen, target.marks)
  const isContained = areContained(seen, target)
  const termination = { ...target, seen, isContained, selfAndAncestors: selfAndAncestors(table) }
  await Promise.all(target.leaders.map((leader) => runStopSteps(leader, termination, forceSignal)))
  return killAll(termination)
}

interface Termination extends TerminationTarget {
  readonly seen: readonly ProcessIdentity[]
  /** Whether every process of the target is in the control group, and every future child will be. */
  readonly isContained: boolean
  readonly selfAndAncestors: ProcessTable
}

type ProcessTable = ReadonlyMap<number, ProcessStat>

/**
 * This process and its ancestors. A sweep that runs within the run it removes must end neither itself nor the shell
 * where the command was typed.
 */
function selfAndAncestors(table: ProcessTable): ProcessTable {
  const line = new Map<number, ProcessStat>()
  // A pid may have been reused while the table was read.
  for (let stat = table.get(process.pid); stat && !line.has(stat.pid); stat = table.get(stat.parent))
    line.set(stat.pid, stat)
  return line
}

/** Returns the processes spared by a termination: the current process and its ancestors. */
export function selfAndAncestorsAmong(identities: readonly ProcessIdentity[]): ProcessIdentity[] {
  if (identities.length === 0) return []
  const line = selfAndAncestors(readProcessTable())
  return identities.filter((identity) => isIn(line, identity))
}

/** Continues stopped processes: a stopped process in a group of its own would keep its leader waiting. */
function continueStopped(processes: readonly ProcessIdentity[], { users }: RunMarks): void {
  for (const { pid } of processes) if (readStat(pid)?.state === 'T') send(pid, 'SIGCONT', users)
}

async function runStopSteps(
  { identity, ladder }: Leader,
  termination: Termination,
  forceSignal?: AbortSignal,
): Promise<void> {
  for (const step of ladder) {
    if (forceSignal?.aborted || !signalGroup(identity, step.signal, termination)) return
    if (await isGoneWithin(identity, step.graceMs, forceSignal)) return
  }
}

/** Kills until enough looks find nothing: two, since a process may fork between two looks. */
async function killAll(termination: Termination): Promise<readonly ProcessIdentity[]> {
  const givesUpAt = monotonicMs() + killLimitMs
  if (isEmpty(termination)) return []
  // Without a step to wait for, the first look was just now.
  let left = termination.leaders.some(({ ladder }) => ladder.length > 0) ? findProcesses(termination) : termination.seen
  for (let clean = left.length === 0 ? 1 : 0; clean < neededLooks; clean = left.length === 0 ? clean + 1 : 0) {
    const seen = [...termination.seen, ...left]
    if (left.length > 0) await killAndWait(left, termination)
    if (isEmpty(termination)) return []
    left = findProcesses({ ...termination, seen })
    if (left.length > 0 && monotonicMs() > givesUpAt) return left
  }
  return left
}

/** Whether the kernel knows that no process is left. A look at the machine instead costs 25 µs for each process. */
function isEmpty({ isContained, marks: { controlGroup } }: Termination): boolean {
  return isContained && controlGroup !== undefined && controlGroupMembers(controlGroup).length === 0
}

/** Whether the leaders, and all processes found by other marks, are in the control group. */
function areContained(seen: readonly ProcessIdentity[], { isGrouped, marks }: TerminationTarget): boolean {
  if (!isGrouped || marks.controlGroup === undefined) return false
  const members = new Set(controlGroupMembers(marks.controlGroup))
  return seen.every(({ pid }) => members.has(pid))
}

async function killAndWait(left: readonly ProcessIdentity[], termination: Termination): Promise<void> {
  for (const { identity } of termination.leaders) signalGroup(identity, 'SIGKILL', termination)
  await killEach(left, termination.marks.users)
  await isFalseBefore(monotonicMs() + deathMs, () => left.some(isAlive))
}

/** Returns every living process of the target. */
export function findProcesses(
  target: TerminationTarget,
  table: ProcessTable = readProcessTable(target.marks.since),
): ProcessIdentity[] {
  const leaders = target.leaders.map(({ identity }) => identity).filter((identity) => isIn(table, identity))
  const seen = (target.seen ?? []).filter((identity) => isIn(table, identity))
  const known = [...leaders, ...seen, ...findMarked(table.values(), target.marks), ...membersOf(leaders, table)]
  const pids = withDescendants(
    known.map(({ pid }) => pid),
    table,
  )
  for (const pid of protectedPids(pids, table, target.marks)) pids.delete(pid)
  return [...pids].flatMap((pid) => identityIn(table, pid))
}

/**
 * Returns the members that a leader leaves in its group and session. Must be called in the moment of the leader's end:
 * the number is not reused while a member exists. Returns none if the table cannot be read; marked processes are found
 * anyway.
 */
export function findOrphans(leader: ProcessIdentity): ProcessIdentity[] {
  const table = unlessExhausted(readProcessTable) ?? new Map<number, ProcessStat>()
  return membersOf([leader], table).flatMap(({ pid }) => identityIn(table, pid))
}

/** The number of a group or session is not reused while a member exists, so all these processes are the leader's. */
function membersOf(leaders: readonly ProcessIdentity[], table: ProcessTable): ProcessStat[] {
  const numbers = new Set(leaders.map(({ pid }) => pid))
  return [...table.values()].filter(({ group, session }) => numbers.has(group) || numbers.has(session))
}

/** Pids to spare: this process with its ancestors, and guardians, each of which becomes a sweep and ends by itself. */
function protectedPids(pids: ReadonlySet<number>, table: ProcessTable, { holder }: RunMarks): Set<number> {
  const spared = new Set(selfAndAncestors(table).keys())
  const stats = [...pids].flatMap((pid) => table.get(pid) ?? [])
  const variable = `${guardianMark.name}=${guardianMark.value}`
  for (const { pid } of findMarked(stats, { variable, directories: [], holder })) spared.add(pid)
  return spared
}

function identityIn(table: ProcessTable, pid: number): ProcessIdentity[] {
  const stat = table.get(pid)
  return stat ? [{ pid, startTime: stat.startTime, bootId: currentBootId() }] : []
}

function isIn(table: ProcessTable, identity: ProcessIdentity): boolean {
  return identity.bootId === currentBootId() && table.get(identity.pid)?.startTime === identity.startTime
}

/**
 * Signals a group, but only while a member lives that is certainly ours: otherwise the number may have been reused.
 * Returns whether there was any process to signal.
 */
function signalGroup(leader: ProcessIdentity, signal: NodeJS.Signals, termination: Termination): boolean {
  const target = signalTarget(leader, termination)
  if (target === undefined) return false
  const { marks } = termination
  send(target, signal, marks.users)
  // A stopped process acts on a signal only when it is continued.
  if (signal !== 'SIGKILL') send(target, 'SIGCONT', marks.users)
  return true
}

/**
 * Returns the group if the leader leads a group; the process alone if it is in the group of its caller, or if we are in
 * the leader's group ourselves; `undefined` if neither belongs to the target, or if the leader is our ancestor.
 */
function signalTarget(leader: ProcessIdentity, { marks, selfAndAncestors }: Termination): number | undefined {
  if (selfAndAncestors.has(leader.pid)) return undefined
  const isOurGroup = [...selfAndAncestors.values()].some(({ group }) => group === leader.pid)
  if (isAlive(leader)) return readStat(leader.pid)?.group === leader.pid && !isOurGroup ? -leader.pid : leader.pid
  // One call instead of a look at every process: a group of actions can have had a thousand leaders.
  if (isOurGroup || leader.bootId !== currentBootId() || !processExists(-leader.pid)) return undefined
  return findMarked(groupMembers(leader), marks).length > 0 ? -leader.pid : undefined
}

function groupMembers(leader: ProcessIdentity): ProcessStat[] {
  return [...readProcessTable().values()].filter((stat) => stat.group === leader.pid)
}

/**
 * Waits until the leader and its group are gone. Children of the leader may have work to finish after the leader, or
 * may ignore the signal: they get up to 1 s of the grace.
 */
async function isGoneWithin(leader: ProcessIdentity, graceMs: number, forceSignal?: AbortSignal): Promise<boolean> {
  const endsAt = monotonicMs() + graceMs
  if (!(await isFalseBefore(endsAt, () => isAlive(leader), forceSignal))) return false
  return isFalseBefore(Math.min(endsAt, monotonicMs() + groupWaitMs), () => isGroupAlive(leader), forceSignal)
}

function isFalseBefore(endsAt: number, ask: () => boolean, forceSignal?: AbortSignal): Promise<boolean> {
  return poll(pauses, () => {
    if (!ask()) return true
    return forceSignal?.aborted || monotonicMs() > endsAt ? false : undefined
  })
}

/**
 * Whether the group has a living member. `kill` counts zombies as members, so the table decides; reading the table is
 * the expensive part.
 */
function isGroupAlive(leader: ProcessIdentity): boolean {
  return processExists(-leader.pid) && groupMembers(leader).length > 0
}
