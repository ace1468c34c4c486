import { releaseClaim } from '../host/claim.ts'
import { Deadline } from '../kernel/deadline.ts'
import { asError } from '../kernel/errors.ts'
import { removeControlGroup } from '../process/control-group.ts'
import type { RunMarks } from '../process/marks.ts'
import { removeSharedMemory } from '../process/shared-memory.ts'
import type { SudoUser } from '../process/sudo.ts'
import { sparedOf, terminate } from '../process/termination.ts'
import { removeDirectory, removeIfEmpty } from './directory.ts'
import type { Resource } from './journal.ts'
import { type ByModule, describeUndo, undoByModule } from './undo-module.ts'

/** For all that modules undo, one after the other: a run is to be gone within 5 s of its holder. */
const undoLimitMs = 2_500
/** So that a quick one can do its work, however slow those before it were. */
const leastMs = 100

/** What a run made and did not remove, and how its processes are known. */
export interface Remains {
  readonly runId: string
  readonly marks: RunMarks
  readonly resources: readonly Resource[]
}

/** Something that could not be removed. */
export interface Leftover {
  /** For people: its name, and why it is left. */
  readonly text: string
  /** Unless it was never on record, as a process that only its marks have told. */
  readonly resource?: Resource | undefined
}

/** Removes what a run made, and gives what is left. `hurry` ends the graces. */
export async function undoAll({ runId, marks, resources }: Remains, hurry?: AbortSignal): Promise<Leftover[]> {
  const leaders = resources.filter((resource) => resource.kind === 'process')
  const processes = await terminate({ leaders, marks: { ...marks, users: usersOf(resources) } }, hurry)
  const spared = sparedAmong(resources)
  const left: Leftover[] = processes.map(({ pid }) => ({
    text: `process ${pid}`,
    resource: leaders.find(({ identity }) => identity.pid === pid),
  }))
  for (const resource of spared)
    left.push({ text: `${describeResource(resource)}, in which this runs: end it, and sweep again`, resource })
  const time = new Deadline('undoing it', undoLimitMs)
  let toCome = resources.filter(({ kind }) => kind === 'undo').length
  for (const resource of resources.toReversed()) {
    try {
      // Each has its part of what is left, so that a slow one does not keep those after it from their turn.
      if (resource.kind === 'undo')
        await undoByModule(resource, Math.max(leastMs, Math.floor(time.remainingMs / toCome--)))
      else await undo(resource, runId)
    } catch (thrown) {
      left.push({ text: `${describeResource(resource)} (${asError(thrown).message})`, resource })
    }
  }
  // While a process is left, its group tells whose it is.
  if (marks.controlGroup && processes.length + spared.length === 0)
    await removeControlGroup(marks.controlGroup).catch((thrown) => {
      left.push({ text: `control group ${marks.controlGroup} (${asError(thrown).message})` })
    })
  return left
}

/** The processes that are not ended, because this very process runs within them. */
export function sparedAmong(resources: readonly Resource[]): Resource[] {
  const leaders = resources.filter((resource) => resource.kind === 'process')
  const spared = sparedOf(leaders.map(({ identity }) => identity))
  return leaders.filter(({ identity }) => spared.includes(identity))
}

/** As whom something of it was started. */
function usersOf(resources: readonly Resource[]): SudoUser[] {
  const users = resources.flatMap((resource) => ('user' in resource && resource.user ? [resource.user] : []))
  return [...new Map(users.map((user) => [user.uid, user])).values()]
}

async function undo(resource: Exclude<Resource, ByModule>, runId: string): Promise<void> {
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

/** For people. */
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
    case 'undo':
      return describeUndo(resource)
  }
}
