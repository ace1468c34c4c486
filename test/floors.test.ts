import { readdirSync, readFileSync } from 'node:fs'
import { basename, dirname, join, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import biome from '../biome.json' with { type: 'json' }

const root = fileURLToPath(new URL('..', import.meta.url))
const entryPoints = ['src/index.ts', 'src/vitest/index.ts']

const rows = readFileSync(join(root, 'docs/architecture.md'), 'utf8').matchAll(/^\| (\d+) \| `([\w/]+)` \|/gm)
const floors = new Map(Array.from(rows, ([, floor, folder]) => [folder ?? '', Number(floor)]))

/** The folders whose floors are folders in them; the files beside these are entry points. */
const rooms = new Set([...floors.keys()].flatMap((name) => (name.includes('/') ? [dirname(name)] : [])))

/** The place of a file: its floor, and the folder that it may import from freely. */
function placeOf(path: string): { folder: string; floor: number } {
  const [top = '', folder = '', room = ''] = path.split('/')
  if (top !== 'src') return { folder: `${top}/${folder}`, floor: Number.POSITIVE_INFINITY }
  if (folder.endsWith('.ts')) return { folder: top, floor: Number.MAX_VALUE }
  if (!rooms.has(folder)) return { folder: `${top}/${folder}`, floor: floors.get(folder) ?? Number.NaN }
  if (room.endsWith('.ts')) return { folder: `${top}/${folder}`, floor: Number.MAX_VALUE }
  return { folder: `${top}/${folder}/${room}`, floor: floors.get(`${folder}/${room}`) ?? Number.NaN }
}

function isAllowed(from: string, to: string): boolean {
  const [importer, imported] = [placeOf(from), placeOf(to)]
  if (importer.folder === imported.folder) return true
  if (from.startsWith('fixtures/')) return entryPoints.includes(to)
  return imported.floor < importer.floor
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

/** What the linter must be told for these rows: the same rule, so that an editor shows a wrong import at once. */
function lintRules(): { includes: string[]; group: string[] }[] {
  const keyOf = (folder: string): string => `${floors.get(folder)} ${folder.includes('/')}`
  const keys = [...new Set([...floors.keys()].map(keyOf))]
  return keys.map((key) => {
    const folders = [...floors.keys()].filter((folder) => keyOf(folder) === key)
    return { includes: folders.map((folder) => `src/${folder}/**`), group: ['../**', ...lowerThan(folders[0] ?? '')] }
  })
}

const timer = /(?<![.\w])(setTimeout|setInterval|setImmediate|clearTimeout|clearInterval|clearImmediate)\(/g
const clock = /\b(performance\.now|Date\.now|new Date\(\)|process\.hrtime|node:timers|node:perf_hooks)/g
/** The clock itself, and a server that runs in a process of its own. */
const mayUseGlobals = /^(src\/kernel\/clock\.ts$|fixtures\/librarian\/server\.ts$)/

/** What of the global timers and clock a file uses: not what it imports under the same name. */
function globalTimersIn(file: string): string[] {
  const source = readFileSync(join(root, file), 'utf8')
  const imported = (name: string): boolean =>
    new RegExp(`import \\{[^}]*\\b${name}\\b[^}]*\\} from '[./]*(kernel/)?clock.ts'`).test(source)
  const timers = Array.from(source.matchAll(timer), ([, name = '']) => name).filter((name) => !imported(name))
  return [...timers, ...Array.from(source.matchAll(clock), ([text]) => text)]
}

/** The patterns of the imports that a folder may have from lower floors. */
function lowerThan(folder: string): string[] {
  const below = [...floors.keys()].filter((other) => (floors.get(other) ?? 0) < (floors.get(folder) ?? 0))
  const top = below.filter((other) => !other.includes('/'))
  const beside = below.filter((other) => dirname(other) === dirname(folder) && other.includes('/'))
  const isRoom = folder.includes('/')
  return [
    ...(top.length > 0 ? [`!${isRoom ? '../../' : '../'}{${top}}/**`] : []),
    ...(isRoom && beside.length > 0 ? [`!../{${beside.map((other) => basename(other))}}/**`] : []),
  ]
}

describe('the floors', () => {
  test('name every folder of src, and no other', () => {
    const entries = readdirSync(join(root, 'src'), { withFileTypes: true })
    const folders = entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name)
    expect([...new Set([...floors.keys()].map((name) => name.split('/')[0]))].sort()).toEqual(folders.sort())
    for (const room of rooms) {
      const inside = readdirSync(join(root, 'src', room), { withFileTypes: true })
      const named = inside.filter((entry) => entry.isDirectory()).map((entry) => `${room}/${entry.name}`)
      expect([...floors.keys()].filter((name) => name.startsWith(`${room}/`)).sort()).toEqual(named.sort())
    }
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
    ['src/vitest/plugin/a.ts', 'src/vitest/slot/b.ts', true, 'a lower floor of one folder'],
    ['src/vitest/plugin/a.ts', 'src/vitest/worker/b.ts', false, 'sideways in one folder'],
    ['src/vitest/slot/a.ts', 'src/vitest/index.ts', false, 'an entry point, from inside'],
    ['src/kernel/a.ts', 'src/process/b.ts', false, 'a higher floor'],
    ['src/process/a.ts', 'src/host/b.ts', false, 'sideways'],
    ['src/cli/a.ts', 'src/index.ts', false, 'the entry point, from inside'],
    ['src/process/a.ts', 'src/unlisted/b.ts', false, 'a folder without a floor'],
    ['src/cli/a.ts', 'fixtures/redis/index.ts', false, 'a fixture, from inside'],
    ['fixtures/redis/a.ts', 'fixtures/postgres/index.ts', false, 'another fixture'],
    ['fixtures/redis/a.ts', 'src/kernel/errors.ts', false, 'a fixture, past the entry points'],
  ])('%s → %s: %s (%s)', (from, to, allowed) => {
    expect(isAllowed(from, to)).toBe(allowed)
  })
})

test("timers and the clock come from src/kernel/clock.ts, which a test's fake timers do not reach", () => {
  const files = [...filesOf('src'), ...filesOf('fixtures')].filter((file) => !mayUseGlobals.test(file))
  expect(files.flatMap((file) => globalTimersIn(file).map((use) => `${file}: ${use}`))).toEqual([])
})
