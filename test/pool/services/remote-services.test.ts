import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { RemoteServices, type ServicesProgram } from '../../../src/pool/services/remote-services.ts'
import { localMachines, type Machine } from '../../../src/pool.ts'
import { cachePortIsClosed, patienceMs } from '../../support/cache-port.ts'
import { caught } from '../../support/caught.ts'
import { eventually } from '../../support/eventually.ts'
import { useCleanState } from '../../support/left-nothing.ts'

const { stateDirectory } = useCleanState()
const directory = mkdtempSync(join(tmpdir(), 'ts-remote-'))
afterAll(() => rmSync(directory, { recursive: true }))
const provisioner = localMachines({ slots: 2 })
let machine: Machine
beforeAll(async () => {
  machine = await provisioner.reserve()
})
afterAll(() => provisioner.close())

const dist = join(inject('installation'), 'node_modules/test-services/dist')
const redis = pathToFileURL(join(dist, 'fixtures/redis.js')).href
const { signal } = new AbortController()

/** Runs the program with a config of its own. */
function programWith(config: string): ServicesProgram {
  const configFile = join(directory, `${encodeURIComponent(config).length}.config.mjs`)
  writeFileSync(configFile, `import { redis } from '${redis}'\n${config}`)
  const argv = [process.execPath, join(dist, 'machine-services.js')]
  return { argv, environment: {}, directory, request: { configFile, names: [] } }
}

const oneCache = programWith(`console.log('a config may print')\nexport default { services: { cache: redis() } }\n`)

/** The runs in the state directory: that of this process, and those of programs. */
function runs(): string[] {
  return ['runs', 'reaping'].flatMap((name) => readdirSync(join(stateDirectory, name)))
}

test('the services end with the machine', async () => {
  const other = await provisioner.reserve()
  const services = await RemoteServices.open(other, oneCache, signal)
  await other.release()
  await cachePortIsClosed(services)
  expect(await caught(services.reset())).toMatchObject({ code: 'ERR_STATE' })
  await services.close().catch(() => {})
  await eventually('the run of the program is gone', () => runs().length === 1, patienceMs)
})

test('services of another process are reset, tell their logs, and stop', async () => {
  const services = await RemoteServices.open(machine, oneCache, signal)
  expect(services.variables.LP_CACHE_URL).toMatch(/^redis:/)
  expect(services.starts).toMatchObject([{ service: 'cache', readyMs: expect.any(Number) }])
  expect((await services.logs()).cache).toMatch(/Ready to accept connections/)
  await services.reset()
  expect((await services.logs()).cache).not.toMatch(/Ready to accept connections/)
  await Promise.all([services.close(), services.close()])
  await cachePortIsClosed(services)
})

test('an error of the start has the code and the message of the service', async () => {
  const broken = programWith(`export default { services: { cache: redis({ settings: { maxmemory: 'much' } }) } }\n`)
  const error = await caught(RemoteServices.open(machine, broken, signal))
  expect(error).toMatchObject({ code: 'ERR_START' })
  expect(error.message).toMatch(/CACHE.*much/s)
})

test('a program that cannot run is an error with its output', async () => {
  const argv = ['sh', '-c', 'echo "no module" >&2; exit 1']
  const error = await caught(RemoteServices.open(machine, { ...oneCache, argv }, signal))
  expect(error).toMatchObject({ code: 'ERR_SERVICE_DIED' })
  expect(error.message).toContain('no module')
})

test('a start is canceled by its signal', async () => {
  const controller = new AbortController()
  const starting = caught(RemoteServices.open(machine, oneCache, controller.signal))
  controller.abort()
  expect(await starting).toMatchObject({ code: 'ERR_CANCELED' })
})
