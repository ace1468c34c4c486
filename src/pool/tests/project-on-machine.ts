import { posix } from 'node:path'
import { CommandError } from '../../kernel/errors.ts'
import { describeEnd } from '../../process/ended.ts'
import type { Machine } from '../machines/machine.ts'
import { projectDirectory } from '../machines/project-copy.ts'
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

/** Installed copies on machines, by the directory of the copy. */
const installed = new WeakMap<Machine, Map<string, Promise<void>>>()

/** Returns the project itself on the local host, and a copy elsewhere. */
export async function projectOn(attempt: RunningAttempt, project: Project): Promise<ProjectOnMachine> {
  const { machine, signal } = attempt
  const { directory, install } = project
  if (machine.transport.name === 'local') return { directory, node: process.execPath, vitest: vitestIn(directory) }
  const there = await projectDirectory(machine, { directory, isBare: install !== undefined }, signal)
  if (install !== undefined) await installOnce(attempt, there, install)
  return { directory: there, node: 'node', vitest: posix.join(there, 'node_modules/vitest/vitest.mjs') }
}

/** Installs the dependencies of a copy. The next attempt tries again after a failure. */
async function installOnce(attempt: RunningAttempt, directory: string, install: string): Promise<void> {
  const onMachine = installed.get(attempt.machine) ?? new Map<string, Promise<void>>()
  installed.set(attempt.machine, onMachine)
  const installing = onMachine.get(directory) ?? installProject(attempt, directory, install)
  onMachine.set(directory, installing)
  installing.catch(() => onMachine.delete(directory))
  return installing
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
