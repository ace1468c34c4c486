import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { configFileNames } from '../../config/find-config.ts'
import { findFixture, fixtureNames, loadFixture, type NamedFixture } from '../../config/fixtures.ts'
import { UsageError } from '../../kernel/errors.ts'
import { didYouMean } from '../../kernel/suggestion.ts'
import { configSource, templateOf } from '../init/config-source.ts'
import { missingPackages } from '../init/packages.ts'
import { installCommand, type Project, readProject, testExtensions, withScripts } from '../init/project.ts'
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
  const replaced = earlierFiles(files, project)
  if (replaced.length > 0 && !force) throw new UsageError(`${replaced.join(', ')} exists already; --force replaces it`)
  for (const name of replaced) rmSync(join(project.directory, name))
  for (const [name, content] of Object.entries(files)) writeFileSync(join(project.directory, name), content)
  const manifest = withScripts(project)
  if (manifest !== undefined) writeFileSync(join(project.directory, 'package.json'), manifest)
  const written = [...Object.keys(files), ...(manifest === undefined ? [] : ['package.json (scripts)'])]
  const removed = replaced.filter((name) => !(name in files))
  const next = [...(await missing(fixtures, files, project)), ...pluginAdvice(project), `${runner(project)} vitest run`]
  process.stdout.write(
    `${[...removed.map((name) => `removed ${name}`), ...written.map((name) => `wrote ${name}`), 'next:', ...next.map((line) => `  ${line}`)].join('\n')}\n`,
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
  const { testExtension, moduleExtension } = project
  const examples = fixtures.flatMap((fixture) => {
    const example = templateOf(fixture, 'example.test')
    return example === undefined
      ? []
      : [[`${fixture.name}.example.test.${testExtension}`, importing(example, project)] as const]
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

/** Returns the files that the new ones replace; after a change of language these have other endings. */
function earlierFiles(files: Files, { directory }: Project): string[] {
  const examples = Object.keys(files).filter((name) => name.includes('.example.test.'))
  const inEachLanguage = examples.flatMap((name) =>
    testExtensions.map((extension) => name.replace(/[^.]+$/, extension)),
  )
  const names = new Set([...configFileNames, ...inEachLanguage, ...Object.keys(files)])
  return [...names].filter((name) => existsSync(join(directory, name)))
}

/** Returns the command that installs what the new files and the fixtures need, and what else the fixtures lack. */
async function missing(fixtures: readonly NamedFixture[], files: Files, project: Project): Promise<string[]> {
  const { directory } = project
  const diagnoses = await Promise.all(
    fixtures.map(async (fixture) => ({
      fixture,
      ...(await (await loadFixture(fixture)).diagnose?.(directory)),
    })),
  )
  const needed = diagnoses.flatMap(({ packages = [] }) => packages)
  const packages = [...new Set([...missingPackages(Object.values(files), project), ...needed])]
  const problems = diagnoses.flatMap(({ fixture, problem, packages = [] }) =>
    problem === undefined || packages.length > 0 ? [] : [`${fixture.name} cannot run here yet: ${problem}`],
  )
  return [...(packages.length === 0 ? [] : [`${installCommand(directory)} ${packages.join(' ')}`]), ...problems]
}

function pluginAdvice(project: Project): string[] {
  const existing = vitestConfigOf(project)
  const hasPlugin =
    existing === undefined || readFileSync(join(project.directory, existing), 'utf8').includes('test-services/vitest')
  return hasPlugin ? [] : [`in ${existing}: plugins: [testServices()], imported from 'test-services/vitest'`]
}

function runner({ directory }: Project): string {
  return existsSync(join(directory, 'pnpm-lock.yaml')) ? 'pnpm exec' : 'npx'
}
