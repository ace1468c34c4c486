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
async function steps(fixture: string, options: object = {}): Promise<Record<string, string>> {
  cpSync(join(import.meta.dirname, '../programs/takes-steps.mjs'), join(project, 'takes-steps.mjs'))
  const argv = [process.execPath, 'takes-steps.mjs', fixture, JSON.stringify(options)]
  const ran = await startProcess(argv, { cwd: project }).ended
  await expectNothingLeft(stateDirectory)
  return JSON.parse(ran.stdout || JSON.stringify({ stderr: ran.stderr }))
}

const done = { start: 'done', check: 'done', attach: 'done', reset: 'done' }

const needNoLibrary = ['redis', 'rabbitmq', 'nats', 'mosquitto', 'memcached', 'etcd', 'openldap']

test.each(needNoLibrary)('%s needs no client library', async (fixture) => {
  expect(await steps(fixture)).toEqual(done)
})

test('mariadb starts and is checked without mysql2, and says what needs it', async () => {
  const missing = (step: string): string =>
    `ERR_MISSING_BINARY: SERVER cannot be ${step}: the client library mysql2 is not installed: npm install --save-dev mysql2`
  const expected = { ...done, attach: missing('attached to'), reset: missing('reset') }
  expect(await steps('mariadb')).toEqual(expected)
})

test('mariadb with a template says that the template needs mysql2', async () => {
  const { start } = await steps('mariadb', { seeds: true })
  expect(start).toBe(
    'ERR_MISSING_BINARY: SERVER cannot be started: the client library mysql2 is not installed: npm install --save-dev mysql2',
  )
})

test('mariadb refuses a mysql2 that is too old', async () => {
  install('mysql2', '2.3.3')
  const { start, reset } = await steps('mariadb')
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
  const { start } = await steps('mongodb', { binaries: server })
  expect(start).toContain(`ERR_MISSING_BINARY: SERVER cannot be started: ${message}`)
})

test.each([
  ['smtp', 'smtp-server', '3.9.0', '>=3.13'],
  ['dynamodb', 'dynalite', '3.2.2', '>=4'],
])('%s refuses a %s that is too old', async (fixture, name, version, needed) => {
  install(name, version)
  const { start } = await steps(fixture)
  expect(start).toContain('ERR_MISSING_BINARY: SERVER cannot be started: no ')
  expect(start).toContain(`npm: the npm package ${name} is version ${version}, but ${needed} is needed`)
})
