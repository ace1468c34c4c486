import { defaultPrefix } from '../../service/instance/variables.ts'
import type { RunContext } from '../slot/run-context.ts'
import { runner } from './runner.ts'

/** Settings for the services of a worker. */
export interface RunSettings {
  readonly prefix: string
  /** Base directory of relative paths in the services' options. */
  readonly directory: string
}

/** Returns the data that the plugin has provided; `undefined` without the plugin. */
export function runContext(): RunContext | undefined {
  return runner().inject('test-services')
}

/** Returns the plugin's settings, or the defaults without the plugin. */
export function readRunSettings(prefix: string | undefined): RunSettings {
  const stack = runContext()?.stacks.at(-1)
  return { prefix: prefix ?? stack?.prefix ?? defaultPrefix, directory: stack?.directory ?? process.cwd() }
}
