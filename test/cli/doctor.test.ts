import { once } from 'node:events'
import { mkdtempSync, symlinkSync } from 'node:fs'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { bundledFixtures } from '../../src/kernel/package-modules.ts'
import { useCleanState } from '../support/left-nothing.ts'
import { useUserProject } from '../support/user-project.ts'

const { stateDirectory } = useCleanState()
const { copy, directory, run, write } = useUserProject()

test('doctor says which fixtures can run, from which programs, and where files are', async () => {
  const { code, stdout } = await run(['doctor'])
  expect(stdout).toMatch(/^✓ postgres\n {2}npm: 18\.\d+\S* in \/.*$/m)
  expect(stdout).toMatch(/^memory .*; throw-away data lies (in \/|on disk: )/m)
  expect(stdout).toMatch(/^✓ librarian$/m)
  expect(stdout).toMatch(new RegExp(`^state +${stateDirectory} \\(.* GiB free\\)$`, 'm'))
  expect(code).toBe(0)
})

test('doctor --json says the same for programs', async () => {
  const { machine, fixtures } = JSON.parse((await run(['doctor', '--json'])).stdout)
  expect(machine).toMatchObject({
    state: expect.stringContaining(stateDirectory),
    node: expect.stringContaining(process.version),
  })
  expect(fixtures.map(({ fixture }: { fixture: string }) => fixture)).toEqual(bundledFixtures)
  const installed = (program: string) => [expect.stringMatching(`^installed: \\d+\\.\\d+\\S* in /.*/${program}$`)]
  expect(fixtures).toEqual(
    expect.arrayContaining([
      { fixture: 'postgres', canRun: true, facts: expect.any(Array) },
      { fixture: 'redis', canRun: true, facts: installed('redis-server') },
      { fixture: 'memcached', canRun: true, facts: installed('memcached') },
      { fixture: 'smtp', canRun: true, facts: [expect.stringMatching(/^npm: \d+\.\d+\S* in \/.*\/smtp-server$/)] },
      { fixture: 'librarian', canRun: true, facts: ['comes with this package'] },
    ]),
  )
})

// Only root needs a way around what servers refuse; without `unshare` on the PATH this one is closed.
test.skipIf(process.getuid?.() !== 0)('doctor says what keeps a fixture from running, and fails', async () => {
  const path = mkdtempSync(join(directory, 'path-'))
  symlinkSync('/bin/sh', join(path, 'sh'))
  const env = { PATH: path, TEST_SERVICES_UNPRIVILEGED: 'user-namespace' }
  const { code, stdout } = await run(['doctor', 'postgres', 'librarian'], { env })
  expect(stdout).toMatch(/^✗ postgres: this server refuses to run as root, .* install unshare/m)
  expect(stdout).toMatch(/^✓ librarian$/m)
  expect(code).toBe(1)
})

test('doctor fails only for a fixture that is named, and says what installs it', async () => {
  const env = { PATH: '/nowhere' }
  const [all, named] = await Promise.all([run(['doctor'], { env }), run(['doctor', 'redis'], { env })])
  expect(all.stdout).toMatch(
    /^✗ redis: redis-server or valkey-server is not on PATH or in the usual places: apt-get install redis-server, or brew install redis, or docker pull docker.io\/library\/redis:8$/m,
  )
  expect([all.code, named.code]).toEqual([0, 1])
  expect(named.stdout).not.toContain('librarian')
})

test('doctor names one command that installs all that the named fixtures lack', async () => {
  const { stdout } = await run(['doctor', 'redis', 'memcached'], { env: { PATH: '/nowhere' } })
  expect(stdout).toMatch(
    /^to install what is missing: apt-get install redis-server memcached, or brew install redis memcached$/m,
  )
})

test('doctor asks each service of the config with its own options', async () => {
  copy('configs/unusable.config.mjs')
  const old = await run(['doctor', '--config', 'unusable.config.mjs'])
  expect(old.code).toBe(1)
  expect(old.stdout).toMatch(/^✓ redis, as in the config\n {2}installed: \d/m)
  expect(old.stdout).toMatch(
    /^✗ cache, as in the config: installed: \d.*: name a program of version >=99 in "binaries"/m,
  )
  expect(old.stdout).toContain(`is not at ${directory}/nowhere, as "binaries" says`)
  expect(old.stdout).toMatch(/^✗ db, as in the config: npm: 18.*, and installed: .*: apt-get install postgresql-9, or/m)
  // The nodes of a cluster do not come from images.
  expect(old.stdout).toMatch(/^✗ cluster, as in the config: .*: name a program of version 99 in "binaries"$/m)
  expect(old.stdout).toMatch(/^✓ api, as in the config$/m)
  expect(old.stdout).not.toMatch(/^✓ redis$/m)
  expect(old.stdout).toMatch(/^✓ smtp$/m)
  const named = await run(['doctor', '--config', 'unusable.config.mjs', '--json', 'redis', 'smtp'])
  expect(named.code).toBe(0)
  expect(JSON.parse(named.stdout)).toMatchObject({
    services: [{ service: 'redis', fixture: 'redis', canRun: true, facts: [expect.any(String)] }],
    fixtures: [{ fixture: 'smtp', canRun: true }],
  })
})

test('doctor fails for a config that cannot be loaded, whose services it does not know', async () => {
  write('broken.config.mjs', 'export default 1')
  for (const name of ['cache', 'librarian']) {
    const { code, stdout } = await run(['doctor', '--config', 'broken.config.mjs', name])
    expect(code).toBe(1)
    expect(stdout).toMatch(/^✗ config: \/.*\/broken\.config\.mjs: expected/)
    expect(stdout.includes('✓ librarian')).toBe(name === 'librarian')
  }
})

test('a command whose config never finishes loading fails, and says so', async () => {
  write('endless.config.mjs', 'await new Promise(() => {})')
  const ran = await run(['doctor', '--config', 'endless.config.mjs'])
  expect(ran).toMatchObject({ code: 1, stderr: expect.stringMatching(/^error: the command ended too early: .*\n$/) })
})

test('doctor names the container engine, with which the fixture container can run', async () => {
  const socket = join(directory, 'engine.sock')
  const answers = { '/version': { Version: '5.4.2', Components: [{ Name: 'Podman Engine' }] } }
  const engine = createServer(({ url = '' }, response) => response.end(JSON.stringify(Reflect.get(answers, url) ?? {})))
  await once(engine.listen(socket), 'listening')
  const { code, stdout } = await run(['doctor', 'container'], { env: { DOCKER_HOST: `unix://${socket}` } })
  await once(engine.close(), 'close')
  expect(stdout).toMatch(new RegExp(`^containers +Podman 5\\.4\\.2 at unix://${socket}$`, 'm'))
  expect(stdout).toContain(`✓ container\n  Podman 5.4.2 at unix://${socket}`)
  expect(code).toBe(0)
})

test('doctor says that no container engine answers, and what starts one', async () => {
  const nowhere = { env: { DOCKER_HOST: 'unix:///nowhere/engine.sock' } }
  const [all, named] = await Promise.all([run(['doctor'], nowhere), run(['doctor', 'container'], nowhere)])
  expect(all.stdout).toMatch(
    /^containers +none: no container engine answers at unix:\/\/\/nowhere\/.*: start Docker, or /m,
  )
  expect(named.stdout).toMatch(/^✗ container: no container engine answers at unix:/m)
  expect([all.code, named.code]).toEqual([0, 1])
})

test('doctor refuses a fixture that does not exist', async () => {
  const { code, stderr } = await run(['doctor', 'radis'])
  expect(stderr).toContain(
    `unknown fixture "radis" (did you mean "redis"?); expected web, api, status, ${bundledFixtures.join(', ')}, container`,
  )
  expect(code).toBe(2)
})
