import { existsSync, readdirSync, writeFileSync } from 'node:fs'
import { createRequire, isBuiltin } from 'node:module'
import { join } from 'node:path'
import { configFileNames } from '../../config/find-config.ts'
import { findFixture, fixtureNames, loadFixture, type NamedFixture } from '../../config/fixtures.ts'
import { UsageError } from '../../kernel/errors.ts'
import { didYouMean } from '../../kernel/suggestion.ts'
import { configSource, templateOf } from '../init/config-source.ts'
import { installCommand, type Project, readProject, withScripts } from '../init/project.ts'
import { exitCodes } from '../terminal/exit-codes.ts'
import type { GlobalOptions } from '../terminal/options.ts'

interface InitOptions extends GlobalOptions {
  readonly force?: boolean
}

/** Files to write, by name. */
type Files = Readonly<Record<string, string>>

/**
 * Writes a config with the named fixtures, an example test for each, and the scripts of package.json that are missing.
 *
 * @throws ERR_USAGE for an unknown fixture, and for a file that exists, unless forced; nothing is written then
 */
export async function init(names: readonly string[], { force = false }: InitOptions): Promise<number> {
  const project = readProject(process.cwd())
  const fixtures = [...new Set(names)].map((name) => fixtureNamed(name, project.directory))
  if (fixtures.length === 0)
    throw new UsageError(
      `init needs a fixture, as in "init postgres"; there are ${fixtureNames(project.directory).join(', ')}`,
    )
  const files = filesFor(fixtures, project)
  if (!force) refuseToOverwrite(files, project)
  for (const [name, content] of Object.entries(files)) writeFileSync(join(project.directory, name), content)
  const manifest = withScripts(project)
  if (manifest !== undefined) writeFileSync(join(project.directory, 'package.json'), manifest)
  const written = [...Object.keys(files), ...(manifest === undefined ? [] : ['package.json (scripts)'])]
  const next = [
    ...(await missing(fixtures, files, project)),
    ...pluginAdvice(files, project),
    `${runner(project)} vitest run`,
  ]
  process.stdout.write(
    `${[...written.map((name) => `wrote ${name}`), 'next:', ...next.map((line) => `  ${line}`)].join('\n')}\n`,
  )
  return exitCodes.done
}

function fixtureNamed(name: string, directory: string): NamedFixture {
  const fixture = findFixture(name, directory)
  if (fixture) return fixture
  const known = fixtureNames(directory)
  throw new UsageError(`unknown fixture "${name}"${didYouMean(name, known)}; expected ${known.join(', ')}`)
}

function filesFor(fixtures: readonly NamedFixture[], project: Project): Files {
  const { language, moduleExtension } = project
  const examples = fixtures.flatMap((fixture) => {
    const example = templateOf(fixture, 'example.test')
    return example === undefined
      ? []
      : [[`${fixture.name}.example.test.${language}`, importing(example, project)] as const]
  })
  const vitestConfig = vitestConfigOf(project) === undefined ? { [`vitest.config.${moduleExtension}`]: withPlugin } : {}
  return {
    [`test-services.config.${moduleExtension}`]: configSource(fixtures),
    ...vitestConfig,
    ...Object.fromEntries(examples),
  }
}

const withPlugin = `import { testServices } from 'test-services/vitest'
import { defineConfig } from 'vitest/config'

export default defineConfig({ plugins: [testServices()] })
`

/** TypeScript and Vite both find the source of a file that is imported by its compiled name. */
function importing(example: string, { moduleExtension }: Project): string {
  return example.replace('./test-services.config.ts', `./test-services.config.${moduleExtension.replace('ts', 'js')}`)
}

function vitestConfigOf({ directory }: Project): string | undefined {
  return readdirSync(directory).find((name) => /^vite(st)?\.config\.[cm]?[jt]s$/.test(name))
}

function refuseToOverwrite(files: Files, { directory }: Project): void {
  const taken = [...new Set([...configFileNames, ...Object.keys(files)])].filter((name) =>
    existsSync(join(directory, name)),
  )
  if (taken.length > 0) throw new UsageError(`${taken.join(', ')} exists already; --force overwrites it`)
}

/** Returns the commands that install what the new files import, and what the fixtures lack. */
async function missing(fixtures: readonly NamedFixture[], files: Files, { directory }: Project): Promise<string[]> {
  const imported = Object.values(files).flatMap((content) =>
    Array.from(content.matchAll(/ from '([^.'][^']*)'/g), ([, name = '']) => packageOf(name)),
  )
  const packages = [...new Set(imported)].filter((name) => !isBuiltin(name) && !isInstalled(name, directory))
  const diagnoses = await Promise.all(
    fixtures.map(async (fixture) => (await loadFixture(fixture)).diagnose?.(directory)),
  )
  const problems = diagnoses.flatMap((diagnosis, index) =>
    diagnosis?.problem === undefined ? [] : [`${fixtures[index]?.name} cannot run here yet: ${diagnosis.problem}`],
  )
  return [...(packages.length === 0 ? [] : [`${installCommand(directory)} ${packages.join(' ')}`]), ...problems]
}

function packageOf(specifier: string): string {
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/')
}

function isInstalled(name: string, directory: string): boolean {
  const places = createRequire(join(directory, 'package.json')).resolve.paths(name) ?? []
  return places.some((place) => existsSync(join(place, name)))
}

function pluginAdvice(files: Files, project: Project): string[] {
  const existing = vitestConfigOf(project)
  const isOurs = existing === undefined || existing in files
  return isOurs ? [] : [`in ${existing}: plugins: [testServices()], imported from 'test-services/vitest'`]
}

function runner({ directory }: Project): string {
  return existsSync(join(directory, 'pnpm-lock.yaml')) ? 'pnpm exec' : 'npx'
}
