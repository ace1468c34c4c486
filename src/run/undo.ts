import { rm } from 'node:fs/promises'
import { releaseClaim } from '../host/claim.ts'
import { asError } from '../kernel/errors.ts'
import type { RunMarks } from '../process/marks.ts'
import { removeSharedMemory } from '../process/shared-memory.ts'
import { terminate } from '../process/termination.ts'
import type { Resource } from './journal.ts'

/** Removes what a run made, and gives a line for each thing that is left. */
export async function undoAll(runId: string, marks: RunMarks, resources: readonly Resource[]): Promise<string[]> {
  const left = await endProcesses(marks, resources)
  for (const resource of resources.toReversed()) {
    try {
      await undo(resource, runId)
    } catch (thrown) {
      left.push(`${describeResource(resource)} (${asError(thrown).message})`)
    }
  }
  return left
}

async function endProcesses(marks: RunMarks, resources: readonly Resource[]): Promise<string[]> {
  const leaders = resources.filter((resource) => resource.kind === 'process')
  const left = await terminate({ leaders, marks })
  return left.map(({ pid }) => `process ${pid}`)
}

async function undo(resource: Resource, runId: string): Promise<void> {
  if (resource.kind === 'directory') await rm(resource.path, { recursive: true, force: true })
  if (resource.kind === 'claim') releaseClaim(resource.path, runId)
  if (resource.kind === 'shared-memory') await removeSharedMemory(resource.pidFile)
  if (resource.kind === 'undo') await undoByModule(resource.module, resource.data)
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
    case 'directory':
      return `directory ${resource.path}`
    case 'claim':
      return `claim ${resource.path}`
    case 'shared-memory':
      return `shared memory of ${resource.pidFile}`
    case 'undo':
      return `${JSON.stringify(resource.data)}`
  }
}
