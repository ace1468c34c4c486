import { readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { isBuiltin } from 'node:module'
import { basename, dirname, join, relative } from 'node:path'
import { build, type Metafile, transform } from 'esbuild'
import { bundledFixtures, packageModules } from '../src/kernel/package-modules.ts'

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
 * Merges most chunks of a bundle into a few files: Node takes a millisecond for each module that it loads, and esbuild
 * makes a chunk for each set of entry points that share code. A test loads `base.js` and `core.js`. A workflow loads
 * `base.js`, `terminal.js`, `workflow-run.js` and, later, `workflow-report.js`. Another command loads `base.js`,
 * `core.js`, `terminal.js` and `command.js`.
 */
export async function mergeChunks(directory: string, metafile: Metafile, options: MergeOptions): Promise<void> {
  const outputs = outputsByName(metafile, (path) => relative(directory, join(options.root, path)))
  const chunks = mergeable(outputs)
  const ofTests = reachedFrom(entriesWith(testModules, outputs), outputs)
  const ofRuns = reachedFrom(entriesWith(runModules, outputs), outputs)
  const ofWorkflows = reachedFrom(entriesWith([...runModules, reportModule], outputs), outputs)
  const special = onlyOfWorkflows(ofWorkflows, outputs, new Set([...chunks, ...lightFiles(outputs)]))
  const groups: Readonly<Record<string, readonly string[]>> = {
    'base.js': chunks.filter((name) => ofTests.has(name) && ofWorkflows.has(name)),
    'core.js': chunks.filter((name) => ofTests.has(name) && !ofWorkflows.has(name)),
    'terminal.js': chunks.filter((name) => !ofTests.has(name) && ofWorkflows.has(name)),
    'command.js': chunks.filter((name) => !ofTests.has(name) && !ofWorkflows.has(name)),
    'workflow-run.js': special.filter((name) => ofRuns.has(name)),
    'workflow-report.js': special.filter((name) => !ofRuns.has(name)),
  }
  // Each imports those before.
  for (const [file, names] of Object.entries(groups))
    await mergeInto(join(directory, file), names, { directory, outputs, ...options })
  if (!options.sourceMaps) await Promise.all((await filesIn(directory)).map(minify))
}

/** Modules that a test or a config imports. They need nothing of the command, which loads `node:http`: 30 ms. */
const testModules: readonly string[] = [
  packageModules.index,
  packageModules.fixture,
  ...bundledFixtures.map((name) => packageModules[`fixtures/${name}`]),
]

/** Modules that each workflow loads before its first command. */
const runModules: readonly string[] = ['src/cli/command-line.ts', 'src/cli/commands/workflow.ts']
/** Module that a workflow loads while its first command runs. */
const reportModule = 'src/workflow/page/write-workflow-report.ts'

/** Returns the names of the outputs for these sources. */
function entriesWith(sources: readonly string[], outputs: Outputs): string[] {
  return [...outputs].flatMap(([name, { entryPoint = '' }]) => (sources.includes(entryPoint) ? name : []))
}

/** Returns the chunks that only workflows load, without bundled packages. @param known files that these may import */
function onlyOfWorkflows(ofWorkflows: Iterable<string>, outputs: Outputs, known: ReadonlySet<string>): string[] {
  const isCandidate = (name: string): boolean => {
    const { entryPoint, hasPackage = true } = outputs.get(name) ?? {}
    return chunkForm.test(name) && !entryPoint && !hasPackage && !known.has(name)
  }
  const candidates = [...ofWorkflows].filter(isCandidate)
  const allowed = new Set([...known, ...candidates])
  return candidates.filter((name) =>
    [...reachedFrom([name], outputs)].every((reached) => allowed.has(reached) && !outputs.get(reached)?.needsPackage),
  )
}

const chunkForm = /^chunk-.*\.js$/

interface MergeInto extends MergeOptions {
  readonly directory: string
  readonly outputs: Outputs
}

async function mergeInto(
  merged: string,
  chunks: readonly string[],
  { directory, outputs, sourceMaps }: MergeInto,
): Promise<void> {
  const prefixes = new Map(chunks.map((name, index) => [name, `m${index}_`]))
  await Promise.all(chunks.map((name) => dropRequire(join(directory, name))))
  await writeMerged(merged, outputs, { prefixes, sourceMaps })
  await Promise.all(
    chunks.flatMap((name) => [name, `${name}.map`].map((file) => rm(join(directory, file), { force: true }))),
  )
  const others = (await filesIn(directory)).filter((file) => file !== merged)
  await Promise.all(others.map((file) => redirectImports(file, merged, prefixes)))
}

interface Output {
  readonly exports: readonly string[]
  readonly entryPoint: string | undefined
  /** Names of the files that are loaded with this file. */
  readonly imports: readonly string[]
  /** Whether Vitest or another package has to be there. */
  readonly needsPackage: boolean
  /** Whether a package is bundled in the file. */
  readonly hasPackage: boolean
  /** Whether only a fixture, a pool or a live display needs the file: most commands load none of them. */
  readonly isSpecial: boolean
}

type Outputs = ReadonlyMap<string, Output>

/**
 * Sources that only pools, workflows and live displays need. The latter make regular expressions for 30 ms when they are
 * loaded. Packages may lie elsewhere, if `node_modules` is a link.
 */
const rarelyLoaded =
  /^src\/(pool|transport|fmf|yaml|results|report|page|workflow)\/|(^|\/)node_modules\/(log-update|yaml|smol-toml)\//

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
    const hasPackage = Object.entries(inputs).some(
      ([input, { bytesInOutput }]) => bytesInOutput > 0 && input.startsWith('node_modules/'),
    )
    return [nameOf(path), { exports, entryPoint, imports: own, needsPackage, hasPackage, isSpecial }] as const
  })
  return new Map(named)
}

/**
 * Returns the chunks that load in any process. Leaves out those of the command, whose `--version` loads nothing else,
 * those of servers, which start in a process of their own, and those of one fixture, of pools or of live displays,
 * which others need not read.
 */
function mergeable(outputs: Outputs): string[] {
  const light = lightFiles(outputs)
  const chunks = [...outputs].filter(
    ([name, { entryPoint, isSpecial }]) => chunkForm.test(name) && !entryPoint && !isSpecial,
  )
  const anywhere = chunks.filter(([name]) =>
    [...reachedFrom([name], outputs)].every((reached) => {
      const { needsPackage, isSpecial } = outputs.get(reached) ?? {}
      return !needsPackage && !isSpecial
    }),
  )
  return anywhere.map(([name]) => name).filter((name) => !light.has(name))
}

function lightFiles(outputs: Outputs): Set<string> {
  const isLight = (entryPoint = ''): boolean => entryPoint === packageModules.cli || isServer.test(entryPoint)
  const programs = [...outputs].flatMap(([name, { entryPoint }]) => (isLight(entryPoint) ? name : []))
  return reachedFrom(programs, outputs)
}

/** Returns these files and the files that they import, directly or not. */
function reachedFrom(names: readonly string[], outputs: Outputs): Set<string> {
  const reached = new Set(names)
  for (const name of reached) for (const imported of outputs.get(name)?.imports ?? []) reached.add(imported)
  return reached
}

async function filesIn(directory: string): Promise<string[]> {
  const names = await readdir(directory, { recursive: true })
  return names.filter((name) => name.endsWith('.js')).map((name) => join(directory, name))
}

async function minify(file: string): Promise<void> {
  await dropRequire(file)
  const { code } = await transform(await readFile(file, 'utf8'), {
    ...smaller,
    format: 'esm',
    target: nodeOptions.target,
  })
  await writeFile(file, code)
}

/** Node reads a smaller file faster. The names stay, for the stack of an error. */
const smaller = { minifyWhitespace: true, minifySyntax: true, lineLimit: 200, logLevel: 'warning' } as const

/** Removes the `require` that each chunk makes, from a chunk without bundled CommonJS packages: each costs time at a start. */
async function dropRequire(file: string): Promise<void> {
  const text = await readFile(file, 'utf8')
  if (!text.includes('typeof require'))
    await writeFile(file, text.replace(/^import \{ createRequire as __createRequire \}.*/m, ''))
}

interface MergedOptions {
  /** Prefix of the exported names, by chunk. */
  readonly prefixes: ReadonlyMap<string, string>
  readonly sourceMaps: boolean
}

async function writeMerged(file: string, outputs: Outputs, { prefixes, sourceMaps }: MergedOptions): Promise<void> {
  const lines = [...prefixes].map(([name, prefix]) => {
    const names = outputs.get(name)?.exports.map((exported) => `${exported} as ${prefix}${exported}`) ?? []
    return `export { ${names.join(', ')} } from './${name}'`
  })
  await build({
    stdin: { contents: lines.join('\n'), resolveDir: dirname(file) },
    outfile: file,
    ...nodeOptions,
    sourcemap: sourceMaps && 'linked',
    ...smaller,
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
async function redirectImports(file: string, merged: string, prefixes: ReadonlyMap<string, string>): Promise<void> {
  const text = await readFile(file, 'utf8')
  const path = relative(dirname(file), merged)
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
