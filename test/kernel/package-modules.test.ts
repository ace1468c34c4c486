import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import types from '../../build/tsconfig.types.json' with { type: 'json' }
import manifest from '../../package.json' with { type: 'json' }
import { bundledFixtures, packageModules, requirableModules } from '../../src/kernel/package-modules.ts'
import { root } from '../support/documents.ts'

type Conditions = Readonly<Record<string, string>>

const modules: Readonly<Record<string, string>> = packageModules
const doors = Object.values(manifest.exports)
  .filter((door): door is Conditions & typeof door => typeof door === 'object')
  .flatMap(eachFixture)

/** Returns the door of each fixture, for the one door that stands for all of them. */
function eachFixture(door: Conditions): Conditions[] {
  if (!door.default?.includes('*')) return [door]
  const names = requirableModules.filter((name) => name.startsWith('fixtures/'))
  return names.map((name) => {
    const paths = Object.entries(door).map(([condition, path]) => [condition, path.replace('fixtures/*', name)])
    return Object.fromEntries(paths)
  })
}

/** Returns the name of the module in `dist` that a path of `exports` leads to. */
function moduleAt(path: string | undefined): string {
  return /^\.\/dist\/(.*)\.c?js$/.exec(path ?? '')?.[1] ?? ''
}

test('each module has its source', () => {
  expect(Object.values(modules).filter((source) => !existsSync(join(root, source)))).toEqual([])
})

test('each door of package.json leads to a module, and has the types of its source', () => {
  for (const door of doors) {
    const source = modules[moduleAt(door.default)]
    expect(source, door.default).toBeDefined()
    expect(door.types).toBe(`./dist/types/${source?.replace(/\.ts$/, '.d.ts')}`)
  }
})

test('each door can be required, Vitest by a module of its own', () => {
  const required = doors.map((door) => moduleAt(door.require))
  expect(required.filter((name) => name !== 'vitest-plugin').sort()).toEqual([...requirableModules].sort())
})

test('the types of each door are built, and of no other module of src', () => {
  const sources = doors.map((door) => modules[moduleAt(door.default)] ?? '').filter((path) => path.startsWith('src/'))
  expect(types.include.filter((path) => path.startsWith('../src/')).sort()).toEqual(
    sources.map((path) => `../${path}`).sort(),
  )
})

test('each bundled fixture is a door', () => {
  const names = doors.map((door) => moduleAt(door.default))
  expect(names).toEqual(expect.arrayContaining(bundledFixtures.map((name) => `fixtures/${name}`)))
})
