import { resolve } from 'node:path'
import * as v from 'valibot'
import { discoverTests, type TestSearch } from '../../fmf/discover.ts'
import { parseOptions } from '../../service/options/parse-options.ts'
import type { Machine } from '../machines/machine.ts'
import { finishFmf, fmfMachine } from './fmf-machine.ts'
import { fmfTest } from './fmf-test.ts'
import type { PoolTest } from './pool-test.ts'

/** Options of `fmfTests`. */
export interface FmfTestsOptions extends TestSearch {
  /** A directory of the tree. */
  readonly directory: string
  /**
   * Whether packages required by tests or by the plan are installed on `local` machines, too: on this host, with sudo.
   * Default: `false`, a test whose packages are missing is not run. Other machines always get the packages.
   */
  readonly install?: boolean | undefined
}

/** Tests of an FMF tree, and the steps of the plan for each machine; to be spread into the options of a pool. */
export interface FmfTests {
  readonly tests: readonly PoolTest[]
  /** Puts the tree on a machine, and runs the plan's `prepare`. @throws ERR_COMMAND if a script fails */
  setUpMachine(machine: Machine, signal: AbortSignal): Promise<void>
  /** Runs the plan's `finish`. */
  cleanUpMachine(machine: Machine, signal: AbortSignal): Promise<void>
}

const texts = v.optional(v.union([v.string(), v.array(v.string())]))
const names = v.optional(v.array(v.string()))

const optionsSchema = v.strictObject({
  directory: v.string(),
  install: v.optional(v.boolean()),
  plan: v.optional(v.string()),
  context: v.optional(v.record(v.string(), v.union([v.string(), v.array(v.string())]))),
  filter: texts,
  condition: texts,
  names,
  exclude: names,
})

/**
 * Finds the tests of an FMF tree: enabled nodes with a `test`, except manual tests.
 *
 * @throws ERR_CONFIG for wrong options, or a mistake in a file of the tree, with line and column
 */
export async function fmfTests(options: FmfTestsOptions): Promise<FmfTests> {
  const { directory, install = false, ...search } = parseOptions(optionsSchema, options, 'fmfTests()')
  const { root, plan, tests } = await discoverTests(resolve(directory), search)
  const { discover: _, ...steps } = plan
  const source = { root, plan: steps, install }
  return {
    tests: tests.map((test) => fmfTest({ ...source, test })),
    setUpMachine: async (machine, signal) => {
      await fmfMachine(machine, source, signal)
    },
    cleanUpMachine: (machine, signal) => finishFmf(machine, source, signal),
  }
}
