import { createHash } from 'node:crypto'
import { readdir } from 'node:fs/promises'
import { join, posix } from 'node:path'
import { CommandError } from '../../kernel/errors.ts'
import { describeEnd } from '../../process/ended.ts'
import type { Machine } from '../machines/machine.ts'
import type { RunningAttempt } from './pool-test.ts'
import { vitestIn } from './vitest-listing.ts'

/** Paths of a project on a machine, and of the programs for running the project. */
export interface ProjectOnMachine {
  readonly directory: string
  readonly node: string
  readonly vitest: string
}

interface Project {
  readonly directory: string
  readonly install?: string | undefined
}

/** Copies on machines, by the directory of the project here. */
const copies = new WeakMap<Machine, Map<string, Promise<ProjectOnMachine>>>()

/** Returns the project itself on the local host, and a copy elsewhere. The first test on a machine makes the copy. */
export async function projectOn(attempt: RunningAttempt, project: Project): Promise<ProjectOnMachine> {
  const { machine } = attempt
  const { directory } = project
  if (machine.transport.name === 'local') return { directory, node: process.execPath, vitest: vitestIn(directory) }
  const onMachine = copies.get(machine) ?? new Map<string, Promise<ProjectOnMachine>>()
  copies.set(machine, onMachine)
  const copy = onMachine.get(directory) ?? putProject(attempt, project)
  onMachine.set(directory, copy)
  // The next attempt tries again.
  copy.catch(() => onMachine.delete(directory))
  return copy
}

async function putProject(attempt: RunningAttempt, { directory, install }: Project): Promise<ProjectOnMachine> {
  const { machine, signal } = attempt
  const there = posix.join(machine.directory, nameOfCopy(directory))
  // Results grow while they are read.
  const left = ['.git', 'pool-results', ...(install === undefined ? [] : ['node_modules'])]
  const entries = (await readdir(directory)).filter((entry) => !left.includes(entry))
  for (const entry of entries) await machine.transport.put(join(directory, entry), posix.join(there, entry), { signal })
  if (install !== undefined) await installProject(attempt, there, install)
  return { directory: there, node: 'node', vitest: posix.join(there, 'node_modules/vitest/vitest.mjs') }
}

/** Returns a unique name on the machine for the copy of a project. */
function nameOfCopy(directory: string): string {
  return `project-${createHash('sha256').update(directory).digest('hex').slice(0, 8)}`
}

async function installProject(attempt: RunningAttempt, directory: string, install: string): Promise<void> {
  const { machine, signal } = attempt
  const onOutput = (chunk: Uint8Array): Promise<void> => attempt.output(chunk)
  const ended = await machine.transport.run(['sh', '-c', install], { directory, signal, onOutput })
  if (ended.exitCode === 0) return
  throw new CommandError(
    `"${install}" on ${machine.name} ended with ${describeEnd(ended)}; the output is in output.txt`,
  )
}
