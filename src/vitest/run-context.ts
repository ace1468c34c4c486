import type { TestProject } from 'vitest/node'
import type { Stack } from '../config/stack.ts'
import { defaultPrefix, persistentLabels } from '../service/variables.ts'
import { runner } from './runner.ts'

/** What workers have to know of the stack besides its variables. */
export interface RunContext {
  readonly prefix: string
  /** Where relative paths of the services' options start. */
  readonly directory: string
}

declare module 'vitest' {
  interface ProvidedContext {
    'test-services'?: RunContext
  }
}

export function provideRunContext(project: TestProject, { prefix, directory }: Stack): void {
  project.provide('test-services', { prefix, directory })
}

/** In a worker: what the plugin told, or what holds without it. */
export function readRunContext(prefix: string | undefined): RunContext {
  const told = runner().inject('test-services')
  return { prefix: prefix ?? told?.prefix ?? defaultPrefix, directory: told?.directory ?? process.cwd() }
}

/** Whether the environment of this worker declares an instance to attach to. */
export function isDeclared(label: string, prefix: string): boolean {
  return persistentLabels(process.env, prefix)?.includes(label) ?? false
}
