import { readdir } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

const programs = fileURLToPath(new URL('../programs', import.meta.url))

/**
 * Bundles the programs of `test/programs` with the sources that they import. A program that loads these by `tsx` takes
 * three times as long to start.
 *
 * @param directory a directory of an installed package: its sweep cleans up after the programs
 */
export async function bundlePrograms(directory: string): Promise<void> {
  const names = await readdir(programs)
  await build({
    absWorkingDir: programs,
    entryPoints: names.filter((name) => name.endsWith('.ts')),
    outdir: directory,
    external: ['tsx', 'pg-native', 'ssh2', 'bullmq', 'ioredis'],
    banner: { js: "import { createRequire as cr } from 'node:module'; const require = cr(import.meta.url);" },
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node20.19',
    logLevel: 'error',
  })
}
