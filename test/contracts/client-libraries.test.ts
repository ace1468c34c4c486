import { chmodSync, cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeEach, expect, inject, test } from 'vitest'
import { expectNothingLeft, useCleanState } from '../support/left-nothing.ts'
import { startProcess } from '../support/user-project.ts'

const { stateDirectory } = useCleanState()

/** A project that has no more than our package and its dependencies. */
const project = mkdtempSync(join(tmpdir(), 'test-services-bare-'))
const modules = join(project, 'node_modules')
const installed = join(inject('installation'), 'node_modules')
afterAll(() => rmSync(project, { recursive: true }))

beforeEach(() => {
  chmodSync(project, 0o755)
  rmSync(modules, { recursive: true, force: true })
  mkdirSync(modules)
  // Copied, not linked: Node resolves links, and would find the other packages beside it.
  cpSync(join(installed, 'test-services'), join(modules, 'test-services'), { recursive: true })
  for (const name of ['tsx', 'valibot']) symlinkSync(join(installed, name), join(modules, name))
})

/** Puts a package that has a version and no code into the project. */
function install(name: string, version: string): void {
  mkdirSync(join(modules, name))
  writeFileSync(join(modules, name, 'package.json'), JSON.stringify({ name, version }))
}

/** Starts a fixture, checks it, attaches to it, and resets it. Returns the error of each step, or `done`. */
async function steps(fixture: string, name: string, options = ''): Promise<Record<string, string>> {
  const program = `
    import { ${name} } from 'test-services/fixtures/${fixture}'
    const result = {}
    const attempt = async (step, work) => {
      result[step] = await work().then(() => 'done', (error) => error.code + ': ' + error.message)
    }
    const definition = ${name}(${options})
    const server = definition.create({ label: 'SERVER' })
    await attempt('start', () => server.setUp())
    if (result.start === 'done') {
      await attempt('check', () => server.check())
      const tenant = definition.create({ label: 'SERVER', environment: server.variables })
      await attempt('attach', () => tenant.setUp({ useExisting: true }))
      await tenant.cleanUp()
      await attempt('reset', () => server.reset())
    }
    await server.cleanUp()
    console.log(JSON.stringify(result))`
  writeFileSync(join(project, 'steps.mjs'), program)
  const ran = await startProcess([process.execPath, 'steps.mjs'], { cwd: project }).ended
  await expectNothingLeft(stateDirectory)
  return JSON.parse(ran.stdout || JSON.stringify({ stderr: ran.stderr }))
}

const done = { start: 'done', check: 'done', attach: 'done', reset: 'done' }

test.each([
  ['redis', 'redis'],
  ['rabbitmq', 'rabbitmq'],
  ['nats', 'nats'],
  ['mosquitto', 'mosquitto'],
  ['memcached', 'memcached'],
  ['etcd', 'etcd'],
  ['openldap', 'openldap'],
])('%s needs no client library', async (fixture, name) => {
  expect(await steps(fixture, name)).toEqual(done)
})

test('mariadb starts and is checked without mysql2, and says what needs it', async () => {
  const missing = (step: string): string =>
    `ERR_MISSING_BINARY: SERVER cannot be ${step}: the client library mysql2 is not installed: npm install --save-dev mysql2`
  const expected = { ...done, attach: missing('attached to'), reset: missing('reset') }
  expect(await steps('mariadb', 'mariadb')).toEqual(expected)
})

test('mariadb with a template says that the template needs mysql2', async () => {
  const { start } = await steps('mariadb', 'mariadb', '{ template: { seed() {} } }')
  expect(start).toBe(
    'ERR_MISSING_BINARY: SERVER cannot be started: the client library mysql2 is not installed: npm install --save-dev mysql2',
  )
})

test('mariadb refuses a mysql2 that is too old', async () => {
  install('mysql2', '2.3.3')
  const { start, reset } = await steps('mariadb', 'mariadb')
  expect(start).toBe('done')
  expect(reset).toBe(
    'ERR_MISSING_BINARY: SERVER cannot be reset: the npm package mysql2 is version 2.3.3, but >=3 is needed: npm install --save-dev mysql2@latest',
  )
})

test.each([
  [undefined, 'the client library mongodb is not installed: npm install --save-dev mongodb'],
  ['2.0.0', 'the npm package mongodb is version 2.0.0, but >='],
])('mongodb refuses to start with version %s of its client library', async (version, message) => {
  if (version) install('mongodb', version)
  // The server is never started.
  const server = join(project, 'mongod')
  writeFileSync(server, '#!/bin/sh\n', { mode: 0o755 })
  const { start } = await steps('mongodb', 'mongodb', JSON.stringify({ binaries: server }))
  expect(start).toContain(`ERR_MISSING_BINARY: SERVER cannot be started: ${message}`)
})

test.each([
  ['smtp', 'smtp-server', '3.9.0', '>=3.13'],
  ['dynamodb', 'dynalite', '3.2.2', '>=4'],
])('%s refuses a %s that is too old', async (fixture, name, version, needed) => {
  install(name, version)
  const { start } = await steps(fixture, fixture)
  expect(start).toContain('ERR_MISSING_BINARY: SERVER cannot be started: no ')
  expect(start).toContain(`npm: the npm package ${name} is version ${version}, but ${needed} is needed`)
})
