import { posix, resolve } from 'node:path'
import * as v from 'valibot'
import { textsOf, type VariableValues } from '../../service/options/made-variables.ts'
import { parseOptions } from '../../service/options/parse-options.ts'
import { nameSchema, valueSchema } from '../../service/options/plan-schema.ts'
import type { Machine } from '../machines/machine.ts'
import { projectDirectory } from '../machines/project-copy.ts'
import { runControlled } from './controlled-run.ts'
import type { AttemptEnd, PoolTest, RunningAttempt } from './pool-test.ts'
import { type TestOptions, testEntries } from './test-options.ts'

/** Options of `commandTest`. */
export interface CommandTestOptions extends TestOptions {
  /** Unique in a pool: `/smoke/login`. */
  readonly name: string
  /** A text for `sh -c`; or a list of a program and the arguments, passed unchanged. */
  readonly command: string | readonly string[]
  /** Variables of the command. */
  readonly environment?: VariableValues | undefined
  /**
   * Directory of a project on the local host: the command runs there, and on a remote machine in a copy. Default: none.
   */
  readonly project?: string | undefined
  /**
   * Working directory on the machine: absolute, or below the project or the machine's directory. Default: the project,
   * else the machine's directory.
   */
  readonly directory?: string | undefined
  /**
   * Files and directories to put on the machine first: each path on the machine, absolute or below the machine's
   * directory, with the local path.
   */
  readonly files?: Readonly<Record<string, string>> | undefined
}

const optionsSchema = v.strictObject({
  ...testEntries,
  name: v.pipe(v.string(), v.nonEmpty()),
  command: v.union([v.pipe(v.string(), v.nonEmpty()), v.pipe(v.array(v.string()), v.nonEmpty())]),
  environment: v.optional(v.record(nameSchema, valueSchema)),
  project: v.optional(v.string()),
  directory: v.optional(v.string()),
  files: v.optional(v.record(v.string(), v.string())),
})

/**
 * Returns a test for a command. The test passes if the exit code is 0, and no failure is reported on the descriptor
 * `ATEX_TEST_CONTROL`.
 *
 * @throws ERR_CONFIG for wrong options
 */
export function commandTest(options: CommandTestOptions): PoolTest {
  const data = parseOptions(optionsSchema, options, 'commandTest()')
  const { name, limitMs, priority, tags } = data
  const files = Object.entries(data.files ?? {}).map(([to, from]) => [to, resolve(from)] as const)
  const project = data.project === undefined ? undefined : resolve(data.project)
  const whole = { ...data, project, files: Object.fromEntries(files) }
  return { name, kind: 'command', data: whole, limitMs, priority, tags, run: (attempt) => runCommand(whole, attempt) }
}

async function runCommand(options: CommandTestOptions, attempt: RunningAttempt): Promise<AttemptEnd> {
  const { name, command, environment = {}, project, files = {} } = options
  const { machine, signal } = attempt
  const base = project === undefined ? undefined : await projectDirectory(machine, { directory: project }, signal)
  const directory = options.directory === undefined ? base : posix.resolve(base ?? machine.directory, options.directory)
  for (const [to, from] of Object.entries(files)) await machine.transport.put(from, pathOn(machine, to), { signal })
  return runControlled(attempt, typeof command === 'string' ? ['sh', '-c', command] : command, {
    test: name,
    environment: () => textsOf(environment, `commandTest().environment of ${name}`),
    ...(directory !== undefined && { directory }),
  })
}

/** Returns a path on the machine. Machines have paths of POSIX. */
function pathOn(machine: Machine, path: string): string {
  return posix.resolve(machine.directory, path)
}
