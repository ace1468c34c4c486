import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { basename, dirname, join, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import biome from '../biome.json' with { type: 'json' }

const root = fileURLToPath(new URL('..', import.meta.url))
const entryPoints = [
  'src/index.ts',
  'src/session.ts',
  'src/fixture.ts',
  'src/pool.ts',
  'src/workflow.ts',
  'src/fixture-internals.ts',
  'src/server-program.ts',
  'src/vitest/index.ts',
]

/** Documents with a table of floors: of the product, and of each fixture that has rooms. */
const tables = ['docs/architecture.md', 'fixtures/postgres/README.md']
const rows = tables.flatMap((path) => [
  ...readFileSync(join(root, path), 'utf8').matchAll(/^\| (\d+) \| `([\w/]+)` \|/gm),
])
const floors = new Map(rows.map(([, floor, folder]) => [folder ?? '', Number(floor)]))
const sourceFolders = [...floors.keys()].filter((folder) => folder.startsWith('src/'))

/** Folders that have rooms. A folder without a floor of its own has only entry points beside its rooms. */
const houses = new Set([...floors.keys()].map(dirname).filter((folder) => folder !== 'src'))

/** Returns the floor of a file, and the folder from which it may import freely. */
function placeOf(path: string): { folder: string; floor: number } {
  const folder = dirname(path)
  const isEntryPoint = folder === 'src' || (houses.has(folder) && !floors.has(folder))
  if (isEntryPoint) return { folder, floor: Number.MAX_VALUE }
  if (floors.has(folder)) return { folder, floor: floors.get(folder) ?? Number.NaN }
  return { folder, floor: folder.startsWith('fixtures/') ? Number.MAX_VALUE : Number.NaN }
}

/** Returns `fixtures/postgres` for all files in it, and `src` for all sources. */
function treeOf(path: string): string {
  return path.startsWith('fixtures/') ? path.split('/').slice(0, 2).join('/') : 'src'
}

function isAllowed(from: string, to: string): boolean {
  const [importer, imported] = [placeOf(from), placeOf(to)]
  if (importer.folder === imported.folder) return true
  if (treeOf(from) !== treeOf(to)) return from.startsWith('fixtures/') && isEntryPoint(to)
  return imported.floor < importer.floor
}

/** A fixture may build upon another one, as Valkey's does upon Redis'. */
function isEntryPoint(path: string): boolean {
  return entryPoints.includes(path) || /^fixtures\/[^/]+\/index\.ts$/.test(path)
}

function filesOf(folder: string): string[] {
  const names = readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
  return names.filter((name) => name.endsWith('.ts')).map((name) => `${folder}/${name.split(sep).join('/')}`)
}

/** Each relative import of a file, as a path from the root; of types, and dynamic ones, as well. */
function importsOf(file: string): string[] {
  const source = readFileSync(join(root, file), 'utf8')
  const specifiers = source.matchAll(/(?:\bfrom|\bimport) ?\(? ?'(\.[^']+)'/g)
  return Array.from(specifiers, ([, specifier = '']) => join(dirname(file), specifier).split(sep).join('/'))
}

/** Returns the rules that the linter needs for these rows, so that an editor shows a wrong import at once. */
function lintRules(): { includes: string[]; group: string[] }[] {
  const keyOf = (folder: string): string => JSON.stringify([floors.get(folder), lowerThan(folder)])
  const keys = [...new Set(sourceFolders.map(keyOf))]
  return keys.map((key) => {
    const folders = sourceFolders.filter((folder) => keyOf(folder) === key)
    const includes = folders.map((folder) => `${folder}/${houses.has(folder) ? '*.ts' : '**'}`)
    return { includes, group: lowerThan(folders[0] ?? '') }
  })
}

const timer = /(?<![.\w])(setTimeout|setInterval|setImmediate|clearTimeout|clearInterval|clearImmediate)\(/g
const clock = /\b(performance\.now|Date\.now|new Date\(\)|process\.hrtime|node:timers|node:perf_hooks)/g
/** The clock itself, and files of servers that run in a process of their own. */
const mayUseGlobals =
  /^(src\/kernel\/clock\.ts$|fixtures\/(mosquitto\/server|smtp\/mailbox|dynamodb\/account|s3\/(?!index|client)[\w-]+)\.ts$)/

/** What of the global timers and clock a file uses: not what it imports under the same name. */
function globalTimersIn(file: string): string[] {
  const source = readFileSync(join(root, file), 'utf8')
  const imported = (name: string): boolean =>
    new RegExp(`import \\{[^}]*\\b${name}\\b[^}]*\\} from '[./]*(kernel/)?clock.ts'`).test(source)
  const timers = Array.from(source.matchAll(timer), ([, name = '']) => name).filter((name) => !imported(name))
  return [...timers, ...Array.from(source.matchAll(clock), ([text]) => text)]
}

/** Returns patterns that refuse every import from outside of a folder, except from lower floors. */
function lowerThan(folder: string): string[] {
  const isLower = (other: string): boolean => (floors.get(other) ?? 0) < (floors.get(folder) ?? 0)
  const up = '../'.repeat(folder.split('/').length - 1)
  const tops = [...new Set(sourceFolders.map((other) => other.split('/')[1] ?? ''))]
  const isWholeLower = (top: string): boolean =>
    sourceFolders.filter((other) => `${other}/`.startsWith(`src/${top}/`)).every(isLower)
  const lower = tops.filter(isWholeLower)
  const house = dirname(folder)
  const beside = sourceFolders.filter((other) => house !== 'src' && dirname(other) === house && isLower(other))
  const rooms = sourceFolders.filter((other) => dirname(other) === folder)
  return [
    '../**',
    ...(lower.length > 0 ? [`!${up}{${lower}}/**`] : []),
    ...(house !== 'src' && floors.has(house) && isLower(house) ? ['!../*.ts'] : []),
    ...(beside.length > 0 ? [`!../{${beside.map((other) => basename(other))}}/**`] : []),
    ...(rooms.length > 0 ? ['./*/**', `!./{${rooms.filter(isLower).map((other) => basename(other))}}/**`] : []),
  ]
}

describe('the floors', () => {
  test('name every folder of src and of fixtures with rooms, and no other', () => {
    const files = [...filesOf('src'), ...filesOf('fixtures/postgres')]
    const unlisted = files.filter((file) => Number.isNaN(placeOf(file).floor))
    expect(unlisted).toEqual([])
    expect([...floors.keys()].filter((folder) => !existsSync(join(root, folder)))).toEqual([])
  })

  test('are kept by every import', () => {
    const files = [...filesOf('src'), ...filesOf('fixtures')]
    const imports = files.flatMap((from) => importsOf(from).map((to) => ({ from, to })))
    const wrong = imports.filter(({ from, to }) => !isAllowed(from, to))
    expect(imports).not.toEqual([])
    expect(wrong.map(({ from, to }) => `${from} imports ${to}`)).toEqual([])
  })

  test('are what the linter checks', () => {
    const rules = biome.overrides.map(({ includes, linter }) => ({
      includes,
      group: linter.rules.style.noRestrictedImports.options.patterns.flatMap(({ group }) => group),
    }))
    expect(rules.filter(({ includes }) => includes.every((glob) => glob.startsWith('src/')))).toEqual(lintRules())
  })

  test.each([
    ['src/process/a.ts', 'src/process/b.ts', true, 'the same folder'],
    ['src/process/a.ts', 'src/kernel/b.ts', true, 'a lower floor'],
    ['src/index.ts', 'src/cli/b.ts', true, 'the entry point'],
    ['fixtures/redis/a.ts', 'fixtures/redis/b.ts', true, 'a fixture, its own folder'],
    ['fixtures/redis/a.ts', 'src/vitest/index.ts', true, 'a fixture, an entry point'],
    ['src/service/a.ts', 'src/service/instance/b.ts', true, 'a room below its house'],
    ['src/service/script/a.ts', 'src/service/b.ts', true, 'the house below a room'],
    ['src/service/instance/a.ts', 'src/service/b.ts', false, 'the house above a room'],
    ['fixtures/postgres/reset/a.ts', 'fixtures/postgres/state/b.ts', true, 'a lower room of a fixture'],
    ['fixtures/postgres/state/a.ts', 'fixtures/postgres/reset/b.ts', false, 'a higher room of a fixture'],
    ['src/vitest/plugin/a.ts', 'src/vitest/slot/b.ts', true, 'a lower floor of one folder'],
    ['src/vitest/plugin/a.ts', 'src/vitest/worker/b.ts', false, 'sideways in one folder'],
    ['src/vitest/slot/a.ts', 'src/vitest/index.ts', false, 'an entry point, from inside'],
    ['src/kernel/a.ts', 'src/process/b.ts', false, 'a higher floor'],
    ['src/readiness/a.ts', 'src/run/b.ts', false, 'sideways'],
    ['src/cli/a.ts', 'src/index.ts', false, 'the entry point, from inside'],
    ['src/process/a.ts', 'src/unlisted/b.ts', false, 'a folder without a floor'],
    ['src/cli/a.ts', 'fixtures/redis/index.ts', false, 'a fixture, from inside'],
    ['fixtures/redis/a.ts', 'fixtures/postgres/index.ts', true, 'another fixture'],
    ['fixtures/redis/a.ts', 'fixtures/postgres/a.ts', false, 'another fixture, from inside'],
    ['fixtures/redis/a.ts', 'src/kernel/errors.ts', false, 'a fixture, past the entry points'],
  ])('%s → %s: %s (%s)', (from, to, allowed) => {
    expect(isAllowed(from, to)).toBe(allowed)
  })
})

test('timers and the clock come from src/kernel/clock.ts, out of reach of fake timers', () => {
  const files = [...filesOf('src'), ...filesOf('fixtures')].filter((file) => !mayUseGlobals.test(file))
  expect(files.flatMap((file) => globalTimersIn(file).map((use) => `${file}: ${use}`))).toEqual([])
})
