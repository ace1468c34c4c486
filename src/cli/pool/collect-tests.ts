import { readFile } from 'node:fs/promises'
import { text } from 'node:stream/consumers'
import { parseContext } from '../../fmf/context.ts'
import { fmfList } from '../../fmf/fmf-list.ts'
import { asError, ConfigError, UsageError } from '../../kernel/errors.ts'
import type { Machine } from '../../pool/machines/machine.ts'
import { projectDirectory } from '../../pool/machines/project-copy.ts'
import type { PoolOptions } from '../../pool/pool-options.ts'
import { checkNames } from '../../pool/queue/unique-names.ts'
import { commandTest } from '../../pool/tests/command-test.ts'
import { fmfTests } from '../../pool/tests/fmf-tests.ts'
import type { PoolTest } from '../../pool/tests/pool-test.ts'
import { vitestFiles } from '../../pool/tests/vitest-test.ts'

/** A person's choice of tests. */
export interface TestSelection {
  /** Config file of Vitest. */
  readonly vitestConfig?: string
  /** Directory of an FMF tree. */
  readonly fmf?: string
  readonly context?: readonly string[]
  readonly filter?: readonly string[]
  readonly condition?: readonly string[]
  /** Whether missing packages of an FMF tree are installed on this host, too. */
  readonly install?: boolean
  /** File with a command a line; `-` is the standard input. */
  readonly commands?: string
}

type Collected = Pick<PoolOptions, 'setUpMachine' | 'cleanUpMachine'> & { readonly tests: readonly PoolTest[] }

/**
 * Returns the tests: of an FMF tree, of a file of commands, or the files of the project's Vitest.
 *
 * @param words names of FMF tests, or parts of paths of Vitest's files
 * @throws ERR_USAGE for mutually exclusive options; ERR_CONFIG if no test is found, or if two commands are equal
 */
export async function collectTests(
  words: readonly string[],
  selection: TestSelection,
  signal?: AbortSignal,
): Promise<Collected> {
  checkSelection(words, selection)
  const collected = await findTests(words, selection, signal)
  if (collected.tests.length === 0) throw new ConfigError(`there are no tests: ${describeSelection(words, selection)}`)
  return collected
}

async function findTests(words: readonly string[], selection: TestSelection, signal?: AbortSignal): Promise<Collected> {
  const { fmf, install } = selection
  if (fmf !== undefined) return fmfTests({ directory: fmf, install, ...searchOf(words, selection) })
  const { commands, vitestConfig: config } = selection
  const tests =
    commands === undefined ? await vitestFiles({ filters: words, config }, signal) : await commandTests(commands)
  return { tests, setUpMachine: putProject }
}

/** Puts the project on a remote machine before the first test: the copy is not part of the test's duration. */
async function putProject(machine: Machine, signal: AbortSignal): Promise<void> {
  await projectDirectory(machine, { directory: process.cwd() }, signal)
}

/** Returns the data for `pool list --json`: of an FMF tree, the names and the whole data of the nodes. */
export async function listTests(
  words: readonly string[],
  selection: TestSelection,
  signal?: AbortSignal,
): Promise<readonly { readonly name: string; readonly data: unknown }[]> {
  checkSelection(words, selection)
  if (selection.fmf !== undefined) return fmfList(selection.fmf, searchOf(words, selection))
  const { tests } = await findTests(words, selection, signal)
  return tests.map(({ name, data }) => ({ name, data }))
}

function searchOf(names: readonly string[], { context = [], filter, condition }: TestSelection) {
  return { context: parseContext(context), filter, condition, names }
}

function checkSelection(words: readonly string[], selection: TestSelection): void {
  const { fmf, commands, vitestConfig, ...ofFmf } = selection
  if (fmf !== undefined && commands !== undefined) throw new UsageError('--fmf and --commands exclude each other')
  if (vitestConfig !== undefined && (fmf ?? commands) !== undefined)
    throw new UsageError('--vitest-config is for files of Vitest: leave out --fmf and --commands')
  if (commands !== undefined && words.length > 0)
    throw new UsageError(`--commands takes no further name (${words.join(', ')}): all commands of the file run`)
  const [option] = (['context', 'filter', 'condition', 'install'] as const).filter((name) => ofFmf[name] !== undefined)
  if (fmf === undefined && option) throw new UsageError(`--${option} is for FMF trees: add --fmf DIR`)
}

function describeSelection(words: readonly string[], selection: TestSelection): string {
  const { fmf, commands, filter = [], condition = [], context = [] } = selection
  const options = Object.entries({ filter, condition, context }).flatMap(([name, given]) =>
    given.map((each) => `--${name} "${each}"`),
  )
  const all = [...words, ...options]
  const which = all.length === 0 ? '' : ` for ${all.join(' ')}`
  if (commands !== undefined) return `${commands} has no command`
  return fmf === undefined
    ? `Vitest finds no test file${which} here`
    : `the FMF tree of ${fmf} has no test to run${which}`
}

/**
 * Makes a test of each line: the line is the command and the name. Leaves out empty lines, and lines that begin with
 * `#`.
 */
async function commandTests(file: string): Promise<PoolTest[]> {
  const content = file === '-' ? await text(process.stdin) : await readCommands(file)
  const lines = content.split('\n').map((line) => line.trim())
  const tests = lines
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((command) => commandTest({ name: command, command, project: process.cwd() }))
  checkNames(tests)
  return tests
}

async function readCommands(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8')
  } catch (thrown) {
    throw new ConfigError(`cannot read the commands in ${file}: ${asError(thrown).message}`, { cause: thrown })
  }
}
