import { sleep } from '../kernel/deadline.ts'
import { hasCode } from '../kernel/errors.ts'
import { currentBootId, isAlive, type ProcessIdentity, type ProcessStat, readStat } from './identity.ts'
import { carriesMark, type RunMarks } from './marks.ts'
import { descendantsOf, readProcessTable } from './process-table.ts'
import type { StopLadder } from './stop-ladder.ts'
import { killTree } from './tree.ts'

const firstPollMs = 2
const lastPollMs = 40
const killGraceMs = 2_000

/** The leader of a process group that we made, and how it likes to be stopped. */
export interface Leader {
  readonly identity: ProcessIdentity
  readonly ladder: StopLadder
}

/** What a termination has to know to end all of something and nothing else. */
export interface Quarry {
  readonly leaders: readonly Leader[]
  readonly marks: RunMarks
  /** Descendants that were seen earlier and may have lost every mark since. */
  readonly seen?: readonly ProcessIdentity[]
}

/**
 * Ends the quarry, each leader by its own ladder, then everything by SIGKILL, and gives what is still there: nothing,
 * unless the kernel holds it. `hurry` goes straight to the kill.
 */
export async function terminate(quarry: Quarry, hurry?: AbortSignal): Promise<ProcessIdentity[]> {
  // Looked up now: once a leader is gone its children belong to init and cannot be told from others.
  const seen = findProcesses(quarry)
  await Promise.all(quarry.leaders.map((leader) => descend(leader, quarry.marks, hurry)))
  return killAll({ ...quarry, seen })
}

async function descend({ identity, ladder }: Leader, marks: RunMarks, hurry?: AbortSignal): Promise<void> {
  for (const step of ladder) {
    signalGroup(identity, step.signal, marks)
    if (await isGoneWithin(identity, step.graceMs, hurry)) return
  }
}

/** Kills until two passes find nothing; a process may fork between two looks. */
async function killAll(quarry: Quarry): Promise<ProcessIdentity[]> {
  const givesUpAt = performance.now() + killGraceMs
  let left = findProcesses(quarry)
  for (let clean = left.length === 0 ? 1 : 0; clean < 2; clean = left.length === 0 ? clean + 1 : 0) {
    for (const { identity } of quarry.leaders) signalGroup(identity, 'SIGKILL', quarry.marks)
    await Promise.all(left.map((identity) => killTree(identity)))
    if (left.length > 0) await sleep(firstPollMs)
    left = findProcesses(quarry)
    if (left.length > 0 && performance.now() > givesUpAt) return left
  }
  return left
}

/** Everything alive that belongs to the quarry. */
export function findProcesses(quarry: Quarry): ProcessIdentity[] {
  const table = readProcessTable()
  const leaders = quarry.leaders.map(({ identity }) => identity)
  const known = [...leaders, ...(quarry.seen ?? [])].filter((identity) => isIn(table, identity))
  const marked = [...table.keys()].filter((pid) => carriesMark(pid, quarry.marks))
  const protectedPids = ownAncestors(table)
  const pids = descendantsOf([...known.map(({ pid }) => pid), ...marked], table)
  return [...pids].filter((pid) => !protectedPids.has(pid)).flatMap((pid) => identityIn(table, pid))
}

/** A sweep that was itself started within a run must not end itself, nor the shell it was typed in. */
function ownAncestors(table: ReadonlyMap<number, ProcessStat>): Set<number> {
  const ancestors = new Set<number>([process.pid])
  for (let pid = process.ppid; pid > 1 && !ancestors.has(pid); pid = table.get(pid)?.parent ?? 0) ancestors.add(pid)
  return ancestors
}

function identityIn(table: ReadonlyMap<number, ProcessStat>, pid: number): ProcessIdentity[] {
  const stat = table.get(pid)
  return stat ? [{ pid, startTime: stat.startTime, bootId: currentBootId() }] : []
}

function isIn(table: ReadonlyMap<number, ProcessStat>, identity: ProcessIdentity): boolean {
  return identity.bootId === currentBootId() && table.get(identity.pid)?.startTime === identity.startTime
}

/** A group is signalled only while a member lives that is certainly ours: the number may belong to others by now. */
function signalGroup(leader: ProcessIdentity, signal: NodeJS.Signals, marks: RunMarks): void {
  const target = signalTarget(leader, marks)
  if (target === undefined) return
  send(target, signal)
  // A stopped process acts on a signal only when it is continued.
  if (signal !== 'SIGKILL') send(target, 'SIGCONT')
}

/** The group where the process leads one, the process alone where it is in its caller's, nothing where neither is ours. */
function signalTarget(leader: ProcessIdentity, marks: RunMarks): number | undefined {
  if (isAlive(leader)) return readStat(leader.pid)?.group === leader.pid ? -leader.pid : leader.pid
  if (leader.bootId !== currentBootId()) return undefined
  const members = [...readProcessTable().values()].filter((stat) => stat.group === leader.pid)
  return members.some((stat) => carriesMark(stat.pid, marks)) ? -leader.pid : undefined
}

/** Signals one process, or a group when the pid is negative; one that is gone is no error. */
function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal)
  } catch (thrown) {
    if (!hasCode(thrown, 'ESRCH')) throw thrown
  }
}

async function isGoneWithin(identity: ProcessIdentity, graceMs: number, hurry?: AbortSignal): Promise<boolean> {
  const endsAt = performance.now() + graceMs
  for (let waitMs = firstPollMs; isAlive(identity); waitMs = Math.min(waitMs * 2, lastPollMs)) {
    if (hurry?.aborted || performance.now() > endsAt) return false
    await sleep(waitMs)
  }
  return true
}
