import { join } from 'node:path'
import { expect, test } from 'vitest'
import { blocksOf, filesOf } from '../support/documents.ts'
import { expectNothingLeft, useCleanState } from '../support/left-nothing.ts'
import { type Ran, startProcess, useUserProject } from '../support/user-project.ts'

const { stateDirectory } = useCleanState()
const project = useUserProject('')
const programs = join(import.meta.dirname, '../programs')

/** What the config of the documents starts as its API. */
project.write(
  'server.mjs',
  `import { createServer } from 'node:http'
   createServer((_, response) => response.end()).listen(process.env.PORT, '127.0.0.1')`,
)

/** Writes the files that a document shows. */
function writeFilesOf(document: string): void {
  for (const [name, code] of filesOf(blocksOf(`docs/${document}`))) project.write(name, code)
}

async function node(...argv: string[]): Promise<Ran> {
  const ran = await startProcess([process.execPath, '--test-reporter=tap', ...argv], { cwd: project.directory }).ended
  await expectNothingLeft(stateDirectory)
  return ran
}

test('the examples for node:test pass, as modules and in CommonJS', async () => {
  writeFilesOf('node-test.md')
  const ran = await node('--test', 'users.test.mjs', 'api.test.mjs', 'users.test.cjs')
  expect(ran.stdout).toMatch(/^# pass 4$/m)
  expect(ran.code, ran.stdout).toBe(0)
})

test('the example for Jest passes in a sandbox whose require loads no ES modules', async () => {
  writeFilesOf('jest.md')
  const ran = await node(join(programs, 'runs-like-jest.mjs'), 'users.test.js')
  expect(ran.stdout).toMatch(/^# pass 2$/m)
  expect(ran.code, ran.stdout).toBe(0)
})

test('the example for Mocha passes', async () => {
  writeFilesOf('mocha.md')
  const ran = await node(join(programs, 'runs-like-mocha.mjs'), 'users.test.mjs')
  expect(ran.stdout).toMatch(/^# pass 2$/m)
  expect(ran.code, ran.stdout).toBe(0)
})

test('require and import give the same module', async () => {
  project.copy('programs/requires-and-imports.mjs')
  expect((await node('requires-and-imports.mjs')).stdout).toBe('function true\n'.repeat(3))
})

test('a test process that forgets to clean up ends all the same, and leaves nothing', async () => {
  project.copy('programs/forgets-to-clean-up.mjs', 'forgets.test.mjs')
  expect((await node('--test', 'forgets.test.mjs')).stdout).toMatch(/^# pass 1$/m)
})
