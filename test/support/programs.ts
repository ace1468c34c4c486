import { fileURLToPath } from 'node:url'

/** The command line of one of the small programs in `test/programs`. */
export function program(name: string, ...args: readonly string[]): readonly [string, ...string[]] {
  return [process.execPath, fileURLToPath(new URL(`../programs/${name}.mjs`, import.meta.url)), ...args]
}
