import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { configFileNames } from '../../config/find-config.ts'
import { findFixture, fixtureNames, loadFixture, type NamedFixture } from '../../config/fixtures.ts'
import { UsageError } from '../../kernel/errors.ts'
import { didYouMean } from '../../kernel/suggestion.ts'
import { configLines, configSource, templateOf } from '../init/config-source.ts'
import { keepOld } from '../init/keep-old.ts'
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
 * Leaves files that exist alone and prints what to add to the config; `force` replaces them and keeps the old config.
 *
 * @throws ERR_USAGE for an unknown fixture; nothing is written then
 */
export async function init(names: readonly string[], { force = false }: InitOptions): Promise<number> {
  const project = readProject(process.cwd())
  const fixtures = [...new Set(names)].map((name) => fixtureNamed(name, project.directory))
  if (fixtures.length === 0)
    throw new UsageError(
      `init needs a fixture, as in "init postgres"; there are ${fixtureNames(project.directory).join(', ')}`,
    )
  const present = force ? undefined : configFileNames.find((name) => existsSync(join(project.directory, name)))
  const files = filesFor(fixtures, project, present)
  const earlier = earlierFiles(files, project)
  const done = [
    ...(force ? earlier.flatMap((name) => setAside(name, files, project)) : earlier.map((name) => `kept ${name}`)),
    ...writeFiles(force ? files : without(files, earlier), project),
  ]
  const next = [
    ...(present === undefined ? [] : additionsTo(present, fixtures, project)),
    ...(await missing(fixtures, files, project)),
    ...pluginAdvice(project),
    `${runner(project)} vitest run`,
  ]
  process.stdout.write(`${[...done, 'next:', ...next.map((line) => `  ${line}`)].join('\n')}\n`)
  return exitCodes.done
}

/** Makes room for the new files: keeps an old config under another name, removes any other file. */
function setAside(name: string, files: Files, { directory }: Project): string[] {
  if (configFileNames.includes(name)) return [keepOld(name, directory)]
  rmSync(join(directory, name))
  return name in files ? [] : [`removed ${name}`]
}

/** Leaves out files that exist, also with the ending of another language. */
function without(files: Files, earlier: readonly string[]): Files {
  const stemOf = (name: string): string => name.replace(/[^.]+$/, '')
  const stems = earlier.map(stemOf)
  return Object.fromEntries(Object.entries(files).filter(([name]) => !stems.includes(stemOf(name))))
}

function writeFiles(files: Files, project: Project): string[] {
  for (const [name, content] of Object.entries(files)) writeFileSync(join(project.directory, name), content)
  const manifest = withScripts(project)
  if (manifest !== undefined) writeFileSync(join(project.directory, 'package.json'), manifest)
  const names = [...Object.keys(files), ...(manifest === undefined ? [] : ['package.json (scripts)'])]
  return names.map((name) => `wrote ${name}`)
}

/** Returns the lines to add to a config: the imports and services of new fixtures. */
function additionsTo(config: string, fixtures: readonly NamedFixture[], { directory }: Project): string[] {
  const text = readFileSync(join(directory, config), 'utf8')
  const isImported = ({ specifier }: NamedFixture): boolean =>
    text.includes(`'${specifier}'`) || text.includes(`"${specifier}"`)
  const missing = fixtures.filter((fixture) => !isImported(fixture))
  if (missing.length === 0) return []
  const { imports, body } = configLines(missing)
  return [`add to ${config}:`, ...[...imports, ...body].map((line) => `  ${line}`)]
}

function fixtureNamed(name: string, directory: string): NamedFixture {
  const fixture = findFixture(name, directory)
  if (fixture) return fixture
  const known = fixtureNames(directory)
  throw new UsageError(`unknown fixture "${name}"${didYouMean(name, known)}; expected ${known.join(', ')}`)
}

/** Returns all files that the fixtures need; `present` is the name of the config if it exists. */
function filesFor(fixtures: readonly NamedFixture[], project: Project, present: string | undefined): Files {
  const { testExtension, moduleExtension } = project
  const config = present ?? `test-services.config.${moduleExtension}`
  const examples = fixtures.flatMap((fixture) => {
    const example = templateOf(fixture, 'example.test')
    return example === undefined
      ? []
      : [[`${fixture.name}.example.test.${testExtension}`, importing(example, config, project)] as const]
  })
  const vitestConfig = vitestConfigOf(project) === undefined ? { [`vitest.config.${moduleExtension}`]: withPlugin } : {}
  return {
    [config]: configSource(fixtures),
    ...vitestConfig,
    ...Object.fromEntries(examples),
  }
}

const withPlugin = `import { testServices } from 'test-services/vitest'
import { defineConfig } from 'vitest/config'

export default defineConfig({ plugins: [testServices()] })
`

/** A file in TypeScript imports another by its compiled name, which Vite does not find for a file in JavaScript. */
function importing(example: string, config: string, { language }: Project): string {
  return example.replace('test-services.config.ts', language === 'ts' ? config.replace(/ts$/, 'js') : config)
}

function vitestConfigOf({ directory }: Project): string | undefined {
  return readdirSync(directory).find((name) => /^vite(st)?\.config\.[cm]?[jt]s$/.test(name))
}

/** Returns the files in the places of the new ones; after a change of language these have other endings. */
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
