import { defaultPrefix } from '../../service/variables.ts'
import type { RunContext } from '../slot/run-context.ts'
import { runner } from './runner.ts'

/** How services are made in a worker. */
export interface RunSettings {
  readonly prefix: string
  /** Where relative paths of the services' options start. */
  readonly directory: string
}

/** What the plugin has told this worker; absent without the plugin. */
export function runContext(): RunContext | undefined {
  return runner().inject('test-services')
}

/** As the plugin has them, or as they are without it. */
export function readRunSettings(prefix: string | undefined): RunSettings {
  const stack = runContext()?.stacks.at(-1)
  return { prefix: prefix ?? stack?.prefix ?? defaultPrefix, directory: stack?.directory ?? process.cwd() }
}
