import { releaseClaim } from '../host/claim.ts'
import { Deadline } from '../kernel/deadline.ts'
import { asError } from '../kernel/errors.ts'
import { removeControlGroup } from '../process/control-group.ts'
import type { RunMarks } from '../process/marks.ts'
import type { OtherUser } from '../process/other-user.ts'
import { removeSharedMemory } from '../process/shared-memory.ts'
import { selfAndAncestorsAmong, terminate } from '../process/termination.ts'
import { removeDirectory, removeIfEmpty } from './directory.ts'
import type { Resource } from './journal.ts'
import { describeReclaim, type ModuleResource, reclaimByModule } from './reclaim-module.ts'

/** Limit for all reclaim modules together, run one after the other: a run must be gone within 5 s of its holder. */
const reclaimLimitMs = 2_500
/** Least time for each module, so that a quick module can do its work after slow modules. */
const leastMs = 100

/** Remaining resources of a run, and the marks of the run's processes. */
export interface RemainingResources {
  readonly runId: string
  readonly marks: RunMarks
  readonly resources: readonly Resource[]
  /** Whether every process of the run was seen to join its control group. Default: unknown. */
  readonly isGrouped?: boolean
}

/** A remaining resource after a failed removal. */
export interface Leftover {
  /** Name of the resource for people, and the reason for the failure. */
  readonly text: string
  /** Absent for a process without a record, found by its marks. */
  readonly resource?: Resource | undefined
}

/** Removes the resources of a run, and returns the remaining resources. `forceSignal` ends the graces. */
export async function reclaimAll(
  { runId, marks, resources, isGrouped = false }: RemainingResources,
  forceSignal?: AbortSignal,
): Promise<Leftover[]> {
  const leaders = resources.filter((resource) => resource.kind === 'process')
  const target = { leaders, marks: { ...marks, users: usersOf(resources) }, isGrouped }
  const processes = await terminate(target, forceSignal)
  const spared = sparedAmong(resources)
  const left: Leftover[] = processes.map(({ pid }) => ({
    text: `process ${pid}`,
    resource: leaders.find(({ identity }) => identity.pid === pid),
  }))
  for (const resource of spared)
    left.push({ text: `${describeResource(resource)}, in which this runs: end it, and sweep again`, resource })
  const time = new Deadline('reclaiming it', reclaimLimitMs)
  let toCome = resources.filter(({ kind }) => kind === 'reclaim').length
  for (const resource of resources.toReversed()) {
    try {
      // Each module gets its share of the remaining time, so that a slow module does not keep the later modules from
      // their turn.
      if (resource.kind === 'reclaim')
        await reclaimByModule(resource, Math.max(leastMs, Math.floor(time.remainingMs / toCome--)))
      else await reclaim(resource, runId)
    } catch (thrown) {
      left.push({ text: `${describeResource(resource)} (${asError(thrown).message})`, resource })
    }
  }
  // The control group of a remaining process shows its run, so the group must stay.
  if (marks.controlGroup && processes.length + spared.length === 0)
    await removeControlGroup(marks.controlGroup).catch((thrown) => {
      left.push({ text: `control group ${marks.controlGroup} (${asError(thrown).message})` })
    })
  return left
}

/** Returns the spared processes: the current process runs within these processes. */
export function sparedAmong(resources: readonly Resource[]): Resource[] {
  const leaders = resources.filter((resource) => resource.kind === 'process')
  const spared = selfAndAncestorsAmong(leaders.map(({ identity }) => identity))
  return leaders.filter(({ identity }) => spared.includes(identity))
}

/** Returns the users as whom `sudo` made or started the resources. */
function usersOf(resources: readonly Resource[]): OtherUser[] {
  const users = resources.flatMap((resource) => ('user' in resource && resource.user ? [resource.user] : []))
  return [...new Map(users.map((user) => [user.uid, user])).values()]
}

async function reclaim(resource: Exclude<Resource, ModuleResource>, runId: string): Promise<void> {
  switch (resource.kind) {
    case 'process':
      return
    case 'intended-directory':
      return removeIfEmpty(resource)
    case 'directory':
      return removeDirectory(resource)
    case 'claim':
      return releaseClaim(resource.path, runId)
    case 'shared-memory':
      return removeSharedMemory(resource.pidFile)
  }
}

/** Describes a resource for people. */
export function describeResource(resource: Resource): string {
  switch (resource.kind) {
    case 'process':
      return `process ${resource.identity.pid} (${resource.label})`
    case 'intended-directory':
    case 'directory':
      return `directory ${resource.path}`
    case 'claim':
      return `claim ${resource.path}`
    case 'shared-memory':
      return `shared memory of ${resource.pidFile}`
    case 'reclaim':
      return describeReclaim(resource)
  }
}
