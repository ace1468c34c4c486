import { execFile } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { bundledFixtures } from '../src/kernel/package-modules.ts'
import { type DeclaredNames, readDeclaredNames } from './support/declared-names.ts'
import { root } from './support/documents.ts'
import { cases } from './support/repeats.ts'
import { createTypedProject, type TypedProject } from './support/typed-project.ts'

/** What `npm install test-services` brings, and what a user of it has: not `@types/pg`. */
const installed = ['valibot', 'vitest', 'vite', '@types/node', 'undici-types']

const doors = ['index', 'session', 'fixture', 'testing', 'pool', 'workflow'] as const

let project: TypedProject
let names: Record<string, DeclaredNames>

beforeAll(async () => {
  project = await createTypedProject(installed)
  const config = join(root, 'test/vitest/projects/types/config.ts')
  await project.write('config.ts', readFileSync(config, 'utf8'))
  await writeDoors()
  const files = doors.map((door) => [door, `${door}.ts`])
  names = readDeclaredNames(project.directory, Object.fromEntries(files), ['fixture'])
})
afterAll(() => project[Symbol.asyncDispose]())

async function writeDoors(): Promise<void> {
  for (const door of doors) {
    const specifier = door === 'index' ? 'test-services' : `test-services/${door}`
    await project.write(`${door}.ts`, `export * from '${specifier}'\n`)
  }
  const compilerOptions = { module: 'nodenext', target: 'es2022', strict: true, types: ['node'] }
  await project.write('tsconfig.json', JSON.stringify({ compilerOptions, files: doors.map((door) => `${door}.ts`) }))
}

test.each(cases([['nodenext', 'nodenext']], [['bundler', 'esnext']]))(
  'the types of the package compile without skipLibCheck and @types/pg, under %s',
  async (resolution, module) => {
    const files = ['config.ts', ...doors.map((door) => `${door}.ts`)]
    const options = ['--ignoreConfig', '--strict', '--target', 'es2022', '--types', 'node', '--skipLibCheck', 'false']
    const argv = [...options, '--module', module, '--moduleResolution', resolution, ...files]
    // Not the mistakes of others.
    expect(await project.compile(argv, ...files, 'node_modules/test-services')).toEqual([])
  },
)

/** `init` writes these files in the source tree of a project, with packages that the project does not have. */
test('the files that init writes compile with the packages that init names', async () => {
  const { directory } = project
  const command = [join(root, 'bin/test-services'), 'init', ...bundledFixtures, '--force']
  const { stdout } = await promisify(execFile)(process.execPath, command, { cwd: directory })
  const packages = /npm install --save-dev (.*)/.exec(stdout)?.[1]?.split(' ') ?? []
  await project.install(packages)
  const options = ['--ignoreConfig', '--strict', '--target', 'es2022', '--module', 'nodenext', '--types', 'node']
  const files = readdirSync(directory).filter((name) => /\.(test|config)\.ts$/.test(name))
  expect(files).toHaveLength(bundledFixtures.length + 1)
  expect(await project.compile([...options, '--skipLibCheck', ...files], '')).toEqual([''])
})

test.each([
  ['index', 45],
  ['fixture', 30],
] as const)('the door %s exports at most %i names', (door, most) => {
  expect(names[door]?.exported.length).toBeLessThanOrEqual(most)
})

test.each(doors)('the door %s exports every type that it mentions', (door) => {
  expect(names[door]?.missing).toEqual([])
})
