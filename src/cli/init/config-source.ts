import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { exportName, isBundledFixture, type NamedFixture } from '../../config/fixtures.ts'
import { packageDirectory } from '../../host/modules/package-program.ts'
import { StateError } from '../../kernel/errors.ts'

/** Returns the text of a config file with these fixtures: their default configs, put together. */
export function configSource(fixtures: readonly NamedFixture[]): string {
  const { imports, body } = configLines(fixtures)
  const own = "import { defineConfig } from 'test-services'"
  return [own, ...imports, '', 'export default defineConfig({', ...body, '})', ''].join('\n')
}

/** Returns the lines of a config that belong to these fixtures. */
export function configLines(fixtures: readonly NamedFixture[]): Record<'imports' | 'body', string[]> {
  const parts = fixtures.map((fixture) =>
    partsOf(templateOf(fixture, 'default.config') ?? plainConfig(fixture), fixture),
  )
  const names = parts.flatMap(({ services }) => services.map(keyOf)).join(', ')
  const environment = distinctKeys(parts.flatMap((part) => part.environment))
  const mapping =
    environment.length === 0 ? [] : [`  environment: ({ ${names} }) => ({`, ...indented(environment), '  }),']
  const services = ['  services: {', ...indented(parts.flatMap((part) => part.services)), '  },']
  return { imports: [...new Set(parts.flatMap((part) => part.imports))], body: [...services, ...mapping] }
}

/** Returns a file that comes with a fixture: beside its source in this package, or at the top of its own package. */
export function templateOf(
  { name, file }: NamedFixture,
  template: 'default.config' | 'example.test',
): string | undefined {
  const places = isBundledFixture(name)
    ? [join(packageDirectory(), 'fixtures', name, `${template}.ts`)]
    : ['ts', 'js'].map((extension) => join(dirname(file), `${template}.${extension}`))
  const place = places.find(existsSync)
  return place === undefined ? undefined : readFileSync(place, 'utf8')
}

function plainConfig({ name, specifier }: NamedFixture): string {
  const call = exportName(name)
  const imported = isBundledFixture(name) ? `{ ${call} }` : call
  return `import ${imported} from '${specifier}'\nexport default defineConfig({ services: { ${call}: ${call}() } })\n`
}

interface ConfigParts {
  readonly imports: readonly string[]
  /** Entries of `services`, such as `redis: redis()`. */
  readonly services: readonly string[]
  /** Entries of what `environment` returns. */
  readonly environment: readonly string[]
}

/** Takes a default config apart; a test checks that every bundled one can be. */
function partsOf(source: string, { specifier }: NamedFixture): ConfigParts {
  const imports = source.split('\n').filter((line) => line.startsWith('import ') && !line.endsWith("'test-services'"))
  const services = entriesAfter(source, 'services: {')
  if (services.length === 0) throw new StateError(`the default config of ${specifier} has no "services: {…}"`)
  return { imports, services, environment: entriesAfter(source, '=> ({') }
}

/** Returns the entries of the object literal that begins with a text. */
function entriesAfter(source: string, opening: string): string[] {
  const at = source.indexOf(opening)
  if (at < 0) return []
  const entries = ['']
  let depth = 0
  for (const character of source.slice(at + opening.length)) {
    if ('({['.includes(character)) depth++
    if (')}]'.includes(character) && depth-- === 0) break
    if (character === ',' && depth === 0) entries.push('')
    else entries[entries.length - 1] += character
  }
  return entries.map((entry) => entry.trim().replaceAll(/\s*\n\s*/g, ' ')).filter((entry) => entry !== '')
}

/** Keeps the first entry of each key: two databases both offer `DATABASE_URL`. */
function distinctKeys(entries: readonly string[]): string[] {
  return [...new Map(entries.toReversed().map((entry) => [keyOf(entry), entry])).values()].reverse()
}

function keyOf(entry: string): string {
  return entry.split(':', 1)[0]?.trim() ?? ''
}

function indented(entries: readonly string[]): string[] {
  return entries.map((entry) => `    ${entry},`)
}

/** Returns the names of the services in the text of a config, as far as they stand there. */
export function serviceNames(source: string): string[] {
  const code = source.replaceAll(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, '')
  const keys = entriesAfter(code, 'services: {').map((entry) => keyOf(entry).replaceAll(/^['"]|['"]$/g, ''))
  return keys.filter((key) => /^[\w-]+$/.test(key))
}
