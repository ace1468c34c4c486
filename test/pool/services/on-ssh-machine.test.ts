import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, beforeAll, expect, inject, onTestFinished, test } from 'vitest'
import type { Machine, Provisioner } from '../../../src/pool.ts'
import { cachePortIsClosed, patienceMs } from '../../support/cache-port.ts'
import { eventually } from '../../support/eventually.ts'
import { useCleanState } from '../../support/left-nothing.ts'
import { startProgram } from '../../support/program.ts'
import { useCache } from '../../support/redis-client.ts'
import { type SshServer, startSshServer } from '../../support/ssh-server.ts'
import { useUserProject } from '../../support/user-project.ts'

useCleanState()
const installation = inject('installation')
/** Directory of the machines on the host, and the state directory of what runs there. */
const directory = mkdtempSync(join(tmpdir(), 'ts-hosts-'))
const project = useUserProject('')
project.copy('vitest/projects/settings-apart', '.')
const configFile = join(project.directory, 'test-services.config.ts')
const pool: typeof import('../../../src/pool.ts') = await import(
  pathToFileURL(join(installation, 'node_modules/test-services/dist/pool.js')).href
)
const { servicesOnMachine } = pool
const { signal } = new AbortController()
let server: SshServer
let provisioner: Provisioner
let machine: Machine

beforeAll(async () => {
  server = await startSshServer()
  provisioner = pool.sshMachines({ hosts: [{ ...server.options, slots: 2 }], directory })
  machine = await provisioner.reserve()
})
afterAll(async () => {
  await provisioner.close()
  expect(readdirSync(directory)).toEqual([])
  await server[Symbol.asyncDispose]()
  rmSync(directory, { recursive: true })
})

test('shared services are reached through forwarded ports, which all variables name', async () => {
  const servicesFor = servicesOnMachine(configFile, { shared: true })
  onTestFinished(() => servicesFor.close?.())
  const services = await servicesFor(machine, signal)
  const { LP_CACHE_PORT: port, CACHE_URL: url, LP_URLS: urls } = services.variables
  expect(url).toContain(`127.0.0.1:${port}`)
  expect(JSON.parse(urls ?? '')).toEqual({ cache: url })
  expect(Object.keys(services.variables).filter((name) => /FILE$|PID$/.test(name))).toEqual([])
  await useCache(services, (client) => client.set('key', 'value'))
  await services.reset()
  expect(await useCache(services, (client) => client.get('key'))).toBe(null)
  await services.close()
  await cachePortIsClosed(services)
})

test('services of its own run on the machine, from a package and a config put there', async () => {
  const servicesFor = servicesOnMachine(configFile)
  const services = await servicesFor(machine, signal)
  const [copy = ''] = readdirSync(machine.directory).filter((name) => name.startsWith('project-'))
  expect(readdirSync(join(machine.directory, copy, '.test-services'))).toContain('test-services.config.mjs')
  expect(await useCache(services, (client) => client.config('GET', 'maxmemory'))).toEqual([
    'maxmemory',
    `${33 * 1024 ** 2}`,
  ])
  await useCache(services, (client) => client.set('key', 'value'))
  await services.reset()
  expect(await useCache(services, (client) => client.get('key'))).toBe(null)
  expect(services.variables.LP_CACHE_LOGFILE).toContain(machine.directory)
  expect((await services.logs()).cache).not.toMatch(/Ready to accept connections/)
  await services.close()
  await cachePortIsClosed(services)
})

test('services of its own end with the machine', async () => {
  const other = await provisioner.reserve()
  const services = await servicesOnMachine(configFile)(other, signal)
  await other.release()
  await cachePortIsClosed(services)
  expect(existsSync(other.directory)).toBe(false)
  await services.close().catch(() => {})
})

test('services of its own end when the connection is cut', async () => {
  const services = await servicesOnMachine(configFile)(machine, signal)
  for (const pid of server.connections()) process.kill(pid, 'SIGKILL')
  await cachePortIsClosed(services)
  await services.close()
})

test('services of its own end when the pool is killed', async () => {
  const argv = [project.copy('programs/holds-ssh-services.mjs'), configFile, JSON.stringify(server.options), directory]
  const program = startProgram([process.execPath, ...argv])
  const variables = JSON.parse(await program.line())
  const before = readdirSync(directory)
  await program.kill()
  await cachePortIsClosed({ variables })
  await eventually('its directory is gone', () => readdirSync(directory).length === before.length - 1, patienceMs)
})
