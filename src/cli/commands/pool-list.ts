import { collectTests, listTests, type TestSelection } from '../pool/collect-tests.ts'
import { exitCodes } from '../terminal/exit-codes.ts'

interface PoolListOptions extends TestSelection {
  readonly json?: boolean
}

/** Lists the tests that `pool run` would run, a name a line; or as JSON names and data, of all nodes of an FMF tree. */
export async function poolList(
  words: readonly string[],
  { json = false, ...selection }: PoolListOptions,
): Promise<number> {
  const text = json
    ? JSON.stringify(await listTests(words, selection), null, 2)
    : (await collectTests(words, selection)).tests.map(({ name }) => name).join('\n')
  process.stdout.write(`${text}\n`)
  return exitCodes.done
}
