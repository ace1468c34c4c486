import { rmdirSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { releaseClaim } from '../host/claim.ts'
import { Deadline } from '../kernel/deadline.ts'
import { asError, hasCode } from '../kernel/errors.ts'
import type { RunMarks } from '../process/marks.ts'
import { removeSharedMemory } from '../process/shared-memory.ts'
import { terminate } from '../process/termination.ts'
import type { Resource } from './journal.ts'

const undoLimitMs = 3_000

/** What a run made and did not remove, and how its processes are known. */
export interface Remains {
  readonly runId: string
  readonly marks: RunMarks
  readonly resources: readonly Resource[]
}

/** Removes what a run made, and gives a line for each thing that is left. `hurry` ends the graces. */
export async function undoAll({ runId, marks, resources }: Remains, hurry?: AbortSignal): Promise<string[]> {
  const leaders = resources.filter((resource) => resource.kind === 'process')
  const processes = await terminate({ leaders, marks }, hurry)
  const left = processes.map(({ pid }) => `process ${pid}`)
  for (const resource of resources.toReversed()) {
    try {
      await undo(resource, runId)
    } catch (thrown) {
      left.push(`${describeResource(resource)} (${asError(thrown).message})`)
    }
  }
  return left
}

async function undo(resource: Resource, runId: string): Promise<void> {
  switch (resource.kind) {
    case 'process':
      return
    case 'intended-directory':
      return removeIfEmpty(resource.path)
    case 'directory':
      return rm(resource.path, { recursive: true, force: true, maxRetries: 3 })
    case 'claim':
      return releaseClaim(resource.path, runId)
    case 'shared-memory':
      return removeSharedMemory(resource.pidFile)
    case 'undo':
      return new Deadline('undoing it', undoLimitMs).race(() => undoByModule(resource.module, resource.data))
  }
}

/** The holder died between the record and the making, or just after it: what is not empty was there before. */
function removeIfEmpty(path: string): void {
  try {
    rmdirSync(path)
  } catch (thrown) {
    if (!hasCode(thrown, 'ENOENT', 'ENOTEMPTY', 'EEXIST', 'ENOTDIR')) throw thrown
  }
}

async function undoByModule(url: string, data: unknown): Promise<void> {
  const module = (await import(url)) as { undo(data: unknown): Promise<void> }
  await module.undo(data)
}

/** For people: what a sweep found. */
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
      return resource.label ?? `${JSON.stringify(resource.data)}`
  }
}
