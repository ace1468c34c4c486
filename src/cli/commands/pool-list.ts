import { listTests, type TestSelection } from '../pool/collect-tests.ts'
import { exitCodes } from '../terminal/exit-codes.ts'

interface PoolListOptions extends TestSelection {
  readonly json?: boolean
}

/** Lists the tests that `pool run` would run: a name a line, or names and data as JSON. */
export async function poolList(
  words: readonly string[],
  { json = false, ...selection }: PoolListOptions,
): Promise<number> {
  const tests = await listTests(words, selection)
  const text = json ? JSON.stringify(tests, null, 2) : tests.map(({ name }) => name).join('\n')
  if (text !== '') process.stdout.write(`${text}\n`)
  return exitCodes.done
}
