import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { findScripts } from '../../../src/workflow/script/find-scripts.ts'

const root = mkdtempSync(join(tmpdir(), 'scripts-'))
afterAll(() => rmSync(root, { recursive: true }))

const script = 'export default async () => true\n'
const bundled = { run: async () => ({ default: () => 'bundled' }) }

/** Makes a project, and returns its directory. */
function project(files: Readonly<Record<string, string>>): string {
  const directory = mkdtempSync(join(root, 'project-'))
  for (const [name, content] of Object.entries({ 'package.json': '{"type":"module"}', ...files })) {
    mkdirSync(dirname(join(directory, name)), { recursive: true })
    writeFileSync(join(directory, name), content)
  }
  return directory
}

function load(content: string): Promise<unknown> {
  const directory = project({ 'workflow-scripts/deploy.mjs': content })
  return findScripts(directory, bundled).find('deploy')?.load() ?? Promise.resolve()
}

test('names are those of bundled scripts, of the project, and of packages', () => {
  const directory = project({
    'workflow-scripts/deploy.ts': script,
    'workflow-scripts/deploy.d.ts': '',
    'workflow-scripts/README.md': '',
    'workflow-scripts/Odd Name.js': script,
    'suites/workflow-scripts/near.mjs': script,
    'node_modules/test-services-script-flash/index.js': script,
  })
  const { names } = findScripts(join(directory, 'suites'), bundled)
  expect(names()).toEqual(['run', 'near', 'deploy', 'flash'])
})

test('the nearest script of a project comes first, then the bundled one', () => {
  const directory = project({
    'workflow-scripts/run.ts': script,
    'workflow-scripts/deploy.ts': script,
    'suites/workflow-scripts/deploy.mjs': script,
  })
  const near = findScripts(join(directory, 'suites'), bundled)
  expect(near.find('deploy')).toMatchObject({
    origin: 'project',
    file: join(directory, 'suites/workflow-scripts/deploy.mjs'),
  })
  expect(near.find('run')).toMatchObject({ origin: 'project', file: join(directory, 'workflow-scripts/run.ts') })
  expect(findScripts(root, bundled).find('run')).toMatchObject({ name: 'run', origin: 'bundled' })
  expect(near.find('toString')).toBeUndefined()
})

test('directories above the root of the project are not searched', () => {
  const directory = project({ 'workflow-scripts/far.ts': script, 'inner/package.json': '{}' })
  expect(findScripts(join(directory, 'inner'), bundled).find('far')).toBeUndefined()
})

test('a package is found by its name', async () => {
  const directory = project({
    'node_modules/test-services-script-flash/package.json': '{"type":"module","exports":"./flash.js"}',
    'node_modules/test-services-script-flash/flash.js': `export const description = 'flashes'\n${script}`,
  })
  const flash = findScripts(directory, bundled).find('flash')
  expect(flash).toMatchObject({
    origin: 'package',
    file: join(directory, 'node_modules/test-services-script-flash/flash.js'),
  })
  expect(await flash?.load()).toMatchObject({ description: 'flashes' })
})

test('two files of one name are an error', () => {
  const directory = project({ 'workflow-scripts/deploy.ts': script, 'workflow-scripts/deploy.mjs': script })
  expect(() => findScripts(directory, bundled).find('deploy')).toThrow(
    /the script deploy has two files in .*workflow-scripts, deploy\.(mjs|ts) and deploy\.(mjs|ts); remove one/,
  )
})

test.each([
  ['export const run = 1', /deploy\.mjs exports no function: write "export default async \(context, args\)/],
  ['export default () => {}; export const schema = {}', /exports a "schema" that is no Standard Schema/],
  ['export default () => {}; export const description = 1', /exports a "description" that is no text/],
  ['throw new Error("no luck")', /deploy\.mjs cannot be loaded: no luck/],
])('the module "%s" is an error that names the file', async (content, message) => {
  await expect(load(content)).rejects.toMatchObject({ code: 'ERR_CONFIG', message: expect.stringMatching(message) })
})
