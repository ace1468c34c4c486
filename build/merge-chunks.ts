import { readFile, rm, writeFile } from 'node:fs/promises'
import { isBuiltin } from 'node:module'
import { basename, dirname, join, relative } from 'node:path'
import { build, type Metafile } from 'esbuild'
import { packageModules } from '../src/kernel/package-modules.ts'

const core = 'core.js'

/** Options of esbuild for everything that Node runs. */
export const nodeOptions = {
  bundle: true,
  format: 'esm',
  platform: 'node',
  target: 'node20.19',
  logLevel: 'warning',
  sourcesContent: false,
} as const

export interface MergeOptions {
  /** Directory to which the names of files in `metafile` are relative. */
  readonly root: string
  readonly sourceMaps: boolean
}

/**
 * Merges most chunks of a bundle into one file: Node takes a millisecond for each module that it loads, and esbuild makes
 * a chunk for each set of entry points that share code.
 */
export async function mergeChunks(directory: string, metafile: Metafile, options: MergeOptions): Promise<void> {
  const outputs = outputsByName(metafile, (path) => relative(directory, join(options.root, path)))
  const merged = mergeable(outputs)
  const prefixes = new Map(merged.map((name, index) => [name, `m${index}_`]))
  await Promise.all(merged.map((name) => dropRequire(join(directory, name))))
  await writeCore(directory, outputs, { prefixes, sourceMaps: options.sourceMaps })
  const others = [...outputs.keys()].filter((name) => name.endsWith('.js') && !prefixes.has(name))
  await Promise.all(others.map((name) => redirectImports(join(directory, name), directory, prefixes)))
  await Promise.all(
    merged.flatMap((name) => [name, `${name}.map`].map((file) => rm(join(directory, file), { force: true }))),
  )
}

interface Output {
  readonly exports: readonly string[]
  readonly entryPoint: string | undefined
  /** Names of the files that are loaded with this file. */
  readonly imports: readonly string[]
  /** Whether Vitest or another package has to be there. */
  readonly needsPackage: boolean
  /** Whether only a fixture, a pool or a live display needs the file: most commands load none of them. */
  readonly isSpecial: boolean
}

type Outputs = ReadonlyMap<string, Output>

/** Sources that only pools, workflows and live displays need. The latter make regular expressions for 30 ms when they are loaded. */
const rarelyLoaded =
  /^(src\/(pool|transport|fmf|yaml|results|report|page|workflow)|node_modules\/(log-update|yaml|smol-toml))\//

const isServer = /^fixtures\/.*\/server\.ts$/

function outputsByName({ outputs }: Metafile, nameOf: (path: string) => string): Outputs {
  const named = Object.entries(outputs).map(([path, { exports, entryPoint, imports, inputs }]) => {
    const loaded = imports.filter(({ kind }) => kind === 'import-statement')
    const own = loaded.filter(({ external }) => !external).map((one) => nameOf(one.path))
    const needed = [...loaded, ...imports.filter(({ path }) => path === 'vitest')]
    const needsPackage = needed.some((one) => one.external && !isBuiltin(one.path))
    const isSpecial = Object.entries(inputs).some(
      ([input, { bytesInOutput }]) => bytesInOutput > 0 && (input.startsWith('fixtures/') || rarelyLoaded.test(input)),
    )
    return [nameOf(path), { exports, entryPoint, imports: own, needsPackage, isSpecial }] as const
  })
  return new Map(named)
}

/**
 * Returns the chunks that load in any process. Leaves out those of the command, whose `--version` loads nothing else,
 * those of servers, which start in a process of their own, and those of one fixture, of pools or of live displays,
 * which others need not read.
 */
function mergeable(outputs: Outputs): string[] {
  const isLight = (entryPoint = ''): boolean => entryPoint === packageModules.cli || isServer.test(entryPoint)
  const programs = [...outputs].flatMap(([name, { entryPoint }]) => (isLight(entryPoint) ? name : []))
  const light = reachedFrom(programs, outputs)
  const chunks = [...outputs].filter(
    ([name, { entryPoint, isSpecial }]) => /^chunk-.*\.js$/.test(name) && !entryPoint && !isSpecial,
  )
  const anywhere = chunks.filter(([name]) =>
    [...reachedFrom([name], outputs)].every((reached) => {
      const { needsPackage, isSpecial } = outputs.get(reached) ?? {}
      return !needsPackage && !isSpecial
    }),
  )
  return anywhere.map(([name]) => name).filter((name) => !light.has(name))
}

/** Returns these files and the files that they import, directly or not. */
function reachedFrom(names: readonly string[], outputs: Outputs): Set<string> {
  const reached = new Set(names)
  for (const name of reached) for (const imported of outputs.get(name)?.imports ?? []) reached.add(imported)
  return reached
}

/** Removes the `require` that each chunk makes, from a chunk without bundled CommonJS packages: each costs time at a start. */
async function dropRequire(file: string): Promise<void> {
  const text = await readFile(file, 'utf8')
  if (!text.includes('typeof require'))
    await writeFile(file, text.replace(/^import \{ createRequire as __createRequire \}.*/m, ''))
}

interface CoreOptions {
  /** Prefix of the exported names, by chunk. */
  readonly prefixes: ReadonlyMap<string, string>
  readonly sourceMaps: boolean
}

async function writeCore(directory: string, outputs: Outputs, { prefixes, sourceMaps }: CoreOptions): Promise<void> {
  const lines = [...prefixes].map(([name, prefix]) => {
    const names = outputs.get(name)?.exports.map((exported) => `${exported} as ${prefix}${exported}`) ?? []
    return `export { ${names.join(', ')} } from './${name}'`
  })
  await build({
    stdin: { contents: lines.join('\n'), resolveDir: directory },
    outfile: join(directory, core),
    ...nodeOptions,
    sourcemap: sourceMaps && 'linked',
    // Node reads a smaller file faster. The names stay, for the stack of an error.
    minifyWhitespace: !sourceMaps,
    minifySyntax: !sourceMaps,
    lineLimit: 200,
    // A CommonJS file can `require` the core.
    supported: { 'top-level-await': false },
    plugins: [
      {
        name: 'keep the other files apart',
        setup: ({ onResolve }) =>
          onResolve({ filter: /./ }, ({ path }) =>
            prefixes.has(basename(path)) ? undefined : { path, external: true },
          ),
      },
    ],
  })
}

/** Rewrites the imports of merged chunks, without a change to the number of lines. */
async function redirectImports(file: string, directory: string, prefixes: ReadonlyMap<string, string>): Promise<void> {
  const text = await readFile(file, 'utf8')
  const path = relative(dirname(file), join(directory, core))
  const specifier = path.startsWith('.') ? path : `./${path}`
  const redirected = text.replaceAll(
    /^import (?:\{([^}]*)\} from )?"[./]+\/(chunk-\w+\.js)";$/gm,
    (statement, names: string | undefined, chunk: string) => {
      const prefix = prefixes.get(chunk)
      if (prefix === undefined) return statement
      if (names === undefined) return `import "${specifier}";`
      return `import {${names.replaceAll(/([\w$]+)( as [\w$]+)?/g, (name, exported: string, as?: string) => `${prefix}${exported}${as ?? ` as ${name}`}`)}} from "${specifier}";`
    },
  )
  if (redirected !== text) await writeFile(file, redirected)
}
