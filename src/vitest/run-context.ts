import { isAbsolute } from 'node:path'
import type { TestProject } from 'vitest/node'
import type { Stack } from '../config/stack.ts'
import { defaultPrefix, persistentLabels } from '../service/variables.ts'
import { runner } from './runner.ts'

/** What workers have to know of the stack besides its variables. */
export interface RunContext {
  readonly prefix: string
  /** Where relative paths of the services' options start. */
  readonly directory: string
  /** Undefined where the config stands in no file of its own. */
  readonly configFile?: string | undefined
}

declare module 'vitest' {
  interface ProvidedContext {
    'test-services'?: RunContext
  }
}

export function provideRunContext(project: TestProject, { prefix, directory, project: origin }: Stack): void {
  const configFile = isAbsolute(origin) && origin !== directory ? origin : undefined
  project.provide('test-services', { prefix, directory, configFile })
}

/** In a worker: what the plugin told, or what holds without it. */
export function readRunContext(prefix: string | undefined): RunContext {
  const told = runner().inject('test-services')
  return { prefix: prefix ?? told?.prefix ?? defaultPrefix, directory: told?.directory ?? process.cwd() }
}

/** In a worker: the config file that the plugin told of, or without the plugin the one that is found from here. */
export function toldConfigFile(find: (directory: string) => string | undefined): string | undefined {
  const told = runner().inject('test-services')
  return told ? told.configFile : find(process.cwd())
}

/** Whether the environment of this worker declares an instance to attach to. */
export function isDeclared(label: string, prefix: string): boolean {
  return persistentLabels(process.env, prefix)?.includes(label) ?? false
}
