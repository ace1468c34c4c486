import { posix } from 'node:path'
import type { TestMetadata } from '../../fmf/test-metadata.ts'
import { ConfigError } from '../../kernel/errors.ts'
import { yamlText } from '../../yaml/yaml-document.ts'
import { runControlled } from './controlled-run.ts'
import { type FmfMachine, type FmfSource, fmfMachine } from './fmf-machine.ts'
import { scriptCommand, terminalCommand, writeCommand } from './fmf-scripts.ts'
import type { AttemptEnd, PoolTest, RunningAttempt } from './pool-test.ts'

/** All data for making a test of an FMF tree again. A different host needs the tree at the same path. */
export interface FmfTestData extends FmfSource {
  readonly test: TestMetadata
}

/** Limit of the preparation: the tree, `prepare`, packages. Preparation does not count as time of the test. */
const setUpLimitMs = 3_600_000

/** Returns a test of an FMF tree. */
export function fmfTest(data: FmfTestData): PoolTest {
  const { name, limitMs, priority, tags } = data.test
  return { name, kind: 'fmf', data, limitMs, priority, tags, run: (attempt) => runFmf(data, attempt) }
}

async function runFmf(data: FmfTestData, attempt: RunningAttempt): Promise<AttemptEnd> {
  const { test } = data
  const { fmf, directory } = await withSetUpLimit(attempt, () => setUp(data, attempt))
  return runControlled(attempt, test.tty ? terminalCommand(test.test) : scriptCommand(test.test), {
    test: test.name,
    directory: posix.join(fmf.tree, test.directory),
    environment: (restarts) => ({
      ...fmf.environment,
      ...test.environment,
      // The pool's variables win: only the pool knows the services of the machine.
      ...attempt.environment,
      TMT_TEST_NAME: test.name,
      TMT_TEST_METADATA: posix.join(directory, metadataFile),
      TMT_REBOOT_COUNT: String(restarts),
      TMT_TEST_RESTART_COUNT: String(restarts),
    }),
  })
}

const metadataFile = 'metadata.yaml'

async function withSetUpLimit<T>({ limit }: RunningAttempt, setUpTest: () => Promise<T>): Promise<T> {
  limit.save()
  limit.restart(setUpLimitMs)
  try {
    return await setUpTest()
  } finally {
    limit.restore()
  }
}

interface ReadyTest {
  readonly fmf: FmfMachine
  /** Directory on the machine for this attempt. */
  readonly directory: string
}

async function setUp(data: FmfTestData, { machine, signal }: RunningAttempt): Promise<ReadyTest> {
  const { test } = data
  const fmf = await fmfMachine(machine, data, signal)
  const directory = fmf.testDirectory()
  const what = `set-up of ${test.name}`
  await fmf.install(packagesOf(test), { isOptional: false, what, signal })
  await fmf.install(test.recommend, { isOptional: true, what, signal })
  if (test.tty) await fmf.run({ argv: ['sh', '-c', needsScript], what, signal })
  await fmf.run({ argv: writeCommand(directory, metadataFile), what, signal, input: await yamlText(test.data) })
  return { fmf, directory }
}

const needsScript = 'command -v script || { echo "tty: the machine lacks the program script of util-linux"; exit 1; }'

/** @throws ERR_CONFIG for a library of BeakerLib, since libraries are not fetched */
function packagesOf({ name, require }: TestMetadata): readonly string[] {
  const library = require.find((item) => item.startsWith('library('))
  if (library !== undefined)
    throw new ConfigError(`${name}: require: ${library}: libraries of BeakerLib are not fetched`)
  return require
}
