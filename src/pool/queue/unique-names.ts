import { ConfigError } from '../../kernel/errors.ts'
import type { PoolTest } from '../tests/pool-test.ts'

/** @throws ERR_CONFIG if two tests have the same name */
export function checkNames(tests: readonly PoolTest[]): void {
  const names = new Set<string>()
  for (const { name } of tests) {
    if (names.has(name)) throw new ConfigError(`two tests have the name "${name}"; results are told apart by the name`)
    names.add(name)
  }
}
