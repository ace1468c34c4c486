import { readFile } from 'node:fs/promises'
import { extname, join, posix, resolve } from 'node:path'
import * as v from 'valibot'
import { moduleFile } from '../../host/modules/package-program.ts'
import { textsOf, type VariableValues } from '../../service/options/made-variables.ts'
import { parseOptions } from '../../service/options/parse-options.ts'
import { nameSchema, valueSchema } from '../../service/options/plan-schema.ts'
import { startsVariable } from '../../session/service-start.ts'
import { runControlled } from './controlled-run.ts'
import type { AttemptEnd, PoolTest, RunningAttempt } from './pool-test.ts'
import { projectOn } from './project-on-machine.ts'
import { type TestOptions, testEntries } from './test-options.ts'
import { type ListedFile, listVitestFiles } from './vitest-listing.ts'

/** Options of `vitestFiles`. */
export interface VitestFilesOptions extends TestOptions {
  /** Directory of the project. Default: the working directory. */
  readonly directory?: string | undefined
  /** Config file of Vitest, below the directory of the project. Default: found by Vitest. */
  readonly config?: string | undefined
  /** Parts of paths, as for `vitest run`. Default: all files. */
  readonly filters?: readonly string[] | undefined
  /** Variables of Vitest. */
  readonly environment?: VariableValues | undefined
  /**
   * Command for installing the project's dependencies on another machine, such as `npm ci`; the copy of the project
   * then leaves out `node_modules`. Default: none, and `node_modules` is copied, too.
   */
  readonly install?: string | undefined
}

const optionsSchema = v.strictObject({
  ...testEntries,
  directory: v.optional(v.string(), '.'),
  config: v.optional(v.string()),
  filters: v.optional(v.array(v.string()), []),
  environment: v.optional(v.record(nameSchema, valueSchema), {}),
  install: v.optional(v.pipe(v.string(), v.nonEmpty())),
})

/** All data for running a test file on a host. */
type VitestFile = ListedFile & Omit<v.InferOutput<typeof optionsSchema>, 'filters'>

/**
 * Lists the test files of a Vitest project, and returns a test for each. The project's own Vitest runs the tests: in
 * the project's directory on the local host, and in a copy on remote machines.
 *
 * @throws ERR_CONFIG for wrong options; ERR_COMMAND if Vitest cannot list the files; ERR_MISSING_BINARY without Vitest
 */
export async function vitestFiles(options: VitestFilesOptions = {}, signal?: AbortSignal): Promise<PoolTest[]> {
  const { filters, ...common } = parseOptions(optionsSchema, options, 'vitestFiles()')
  const directory = resolve(common.directory)
  const listed = await listVitestFiles({ directory, config: common.config, filters, signal })
  return listed.map((file) => vitestTest({ ...common, ...file, directory }))
}

/** Returns the test for a file. */
export function vitestTest(file: VitestFile): PoolTest {
  const { limitMs, priority, tags } = file
  return {
    name: nameOf(file),
    kind: 'vitest',
    data: file,
    limitMs,
    priority,
    tags,
    run: (attempt) => runFile(file, attempt),
  }
}

/** A file may belong to several projects of Vitest. */
function nameOf({ file, project }: ListedFile): string {
  return project === undefined ? file : `${file} [${project}]`
}

async function runFile(file: VitestFile, attempt: RunningAttempt): Promise<AttemptEnd> {
  const { directory, node, vitest } = await projectOn(attempt, file)
  const source = moduleFile('pool-vitest-reporter')
  const reporter = posix.join(attempt.machine.directory, `vitest-reporter${extname(source).replace('.js', '.mjs')}`)
  const starts = posix.join(attempt.machine.directory, 'service-starts.jsonl')
  const run = [node, vitest, 'run', join(directory, file.file), '--reporter=default', `--reporter=${reporter}`]
  return runControlled(attempt, [...receiveFile(reporter), ...run, ...choices(file)], {
    test: nameOf(file),
    environment: () => ({ ...textsOf(file.environment, 'vitestFiles().environment'), [startsVariable]: starts }),
    directory,
    input: await readFile(source),
  })
}

function choices({ config, project }: VitestFile): string[] {
  return [
    ...(config === undefined ? [] : ['--config', config]),
    ...(project === undefined ? [] : ['--project', project]),
  ]
}

/** Writes the standard input to a file, and becomes the following command. */
function receiveFile(path: string): string[] {
  return ['sh', '-c', 'cat >"$1" && shift && exec "$@"', 'sh', path]
}
