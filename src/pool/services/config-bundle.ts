import { createRequire } from 'node:module'
import { posix } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { BuildOptions, BuildResult } from 'esbuild'
import { asError, ConfigError } from '../../kernel/errors.ts'

interface Esbuild {
  build(options: BuildOptions): Promise<BuildResult>
}

/**
 * Bundles a config file, with all imported files of the project, into a JavaScript module: a machine then needs no
 * compiler. Imports of packages stay.
 *
 * @param path of the config file on the machine: the value of `import.meta`, wherever the module lies
 * @throws ERR_CONFIG if the file cannot be compiled
 */
export async function bundleConfig(file: string, path: string): Promise<Uint8Array> {
  const { build } = await loadEsbuild()
  try {
    const { outputFiles = [] } = await build({
      entryPoints: [file],
      bundle: true,
      write: false,
      format: 'esm',
      platform: 'node',
      packages: 'external',
      define: importMeta(path),
      logLevel: 'silent',
    })
    return outputFiles[0]?.contents ?? new Uint8Array()
  } catch (thrown) {
    throw new ConfigError(`the config file ${file} cannot be compiled for a machine: ${asError(thrown).message}`, {
      cause: thrown,
    })
  }
}

function importMeta(path: string): Record<string, string> {
  const values = { url: pathToFileURL(path).href, filename: path, dirname: posix.dirname(path) }
  return Object.fromEntries(Object.entries(values).map(([key, value]) => [`import.meta.${key}`, JSON.stringify(value)]))
}

/** Finds the compiler of `tsx`, a dependency of test-services. */
async function loadEsbuild(): Promise<Esbuild> {
  const tsx = createRequire(import.meta.url).resolve('tsx/package.json')
  const esbuild = createRequire(tsx).resolve('esbuild')
  const { default: loaded } = (await import(pathToFileURL(esbuild).href)) as { readonly default: Esbuild }
  return loaded
}
