import { ConfigError } from '../../kernel/errors.ts'
import { commandTest } from './command-test.ts'
import { fmfTest } from './fmf-test.ts'
import type { PoolTest } from './pool-test.ts'
import { vitestTest } from './vitest-test.ts'

const makers: ReadonlyMap<string, (data: never) => PoolTest> = new Map<string, (data: never) => PoolTest>([
  ['command', commandTest],
  ['vitest', vitestTest],
  ['fmf', fmfTest],
])

/**
 * Makes a test again on another host, from the kind and the data.
 *
 * @throws ERR_CONFIG for a kind unknown to test-services
 */
export function makeTest({ kind, data }: Pick<PoolTest, 'kind' | 'data'>): PoolTest {
  const make = makers.get(kind)
  if (make) return make(data as never)
  throw new ConfigError(`no kind of test has the name "${kind}"; expected one of ${[...makers.keys()].join(', ')}`)
}
