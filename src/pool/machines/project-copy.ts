import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { join, posix } from 'node:path'
import { runFile } from '../../results/run-files.ts'
import type { Machine } from './machine.ts'

/** A project on the local host. */
interface Project {
  readonly directory: string
  /** Whether `node_modules` is left out. Default: `false`. */
  readonly isBare?: boolean
}

/** What a machine does not need, or grows while it is copied. */
const leftOut = ['.git', 'pool-results']

/** Copies on machines, by the project here. */
const copies = new WeakMap<Machine, Map<string, Promise<string>>>()

/**
 * Returns the directory of a project on a machine: the project itself on the local host, and a copy elsewhere. The first
 * call for a machine makes the copy. A failure is not remembered.
 *
 * @throws ERR_COMMAND, ERR_TRANSPORT, ERR_CANCELED
 */
export async function projectDirectory(machine: Machine, project: Project, signal: AbortSignal): Promise<string> {
  if (machine.transport.name === 'local') return project.directory
  const onMachine = copies.get(machine) ?? new Map<string, Promise<string>>()
  copies.set(machine, onMachine)
  const name = nameOfCopy(project)
  const copy = onMachine.get(name) ?? putProject(machine, project, signal)
  onMachine.set(name, copy)
  copy.catch(() => onMachine.delete(name))
  return copy
}

async function putProject(machine: Machine, project: Project, signal: AbortSignal): Promise<string> {
  const { directory, isBare = false } = project
  const there = posix.join(machine.directory, nameOfCopy(project))
  const left = isBare ? [...leftOut, 'node_modules'] : leftOut
  const names = await readdir(directory)
  const entries = names.filter((entry) => !left.includes(entry) && !hasResults(join(directory, entry)))
  for (const entry of entries) await machine.transport.put(join(directory, entry), posix.join(there, entry), { signal })
  return there
}

/** Whether a directory holds the results of a pool: those of the present run grow while they are read. */
function hasResults(path: string): boolean {
  return [runFile, 'results.jsonl'].every((name) => existsSync(join(path, name)))
}

/** Returns a unique name on the machine for the copy of a project. */
function nameOfCopy({ directory, isBare = false }: Project): string {
  const hash = createHash('sha256').update(isBare ? `${directory}/` : directory)
  return `project-${hash.digest('hex').slice(0, 8)}`
}
