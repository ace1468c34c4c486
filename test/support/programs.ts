import { fileURLToPath } from 'node:url'

/** The command line of one of the small programs in `test/programs`. */
export function program(name: string, ...args: readonly string[]): readonly [string, ...string[]] {
  return [process.execPath, fileURLToPath(new URL(`../programs/${name}.mjs`, import.meta.url)), ...args]
}

/** What of its marks the orphan of `double-forks.sh` can lose, and be found: with each of them alone it is. */
export const losses = [
  ...['nothing', 'group', 'session', 'directory', 'environment', 'output'],
  ...['all-but-session', 'all-but-directory', 'all-but-environment', 'all-but-output'],
] as const
