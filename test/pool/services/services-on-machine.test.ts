import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { redis } from '../../../fixtures/redis/index.ts'
import { command } from '../../../src/index.ts'
import {
  localMachines,
  type Machine,
  type MachineServices,
  type ServiceRow,
  servicesOnMachine,
} from '../../../src/pool.ts'
import { caught } from '../../support/caught.ts'
import { leftovers, useCleanState } from '../../support/left-nothing.ts'
import { useCache } from '../../support/redis-client.ts'

const { stateDirectory } = useCleanState()
const provisioner = localMachines({ slots: 2 })
const machines: Machine[] = []
const { signal } = new AbortController()

beforeAll(async () => {
  machines.push(await provisioner.reserve(), await provisioner.reserve())
})
afterAll(() => provisioner.close())

function machine(index: number): Machine {
  return machines[index] as Machine
}

const set = (services: MachineServices) => useCache(services, (client) => client.set('key', 'value'))
const get = (services: MachineServices) => useCache(services, (client) => client.get('key'))

describe('services of each machine', () => {
  const servicesFor = servicesOnMachine({
    services: { cache: redis() },
    environment: { CACHE_PORT: ({ cache }: { readonly cache?: { readonly port?: number } }) => cache?.port ?? 0 },
  })

  test('each machine has instances of its own, reset before each test', async () => {
    await using first = await servicesFor(machine(0), signal)
    await using second = await servicesFor(machine(1), signal)
    expect(first.variables.LP_CACHE_PORT).not.toBe(second.variables.LP_CACHE_PORT)
    expect(first.variables.CACHE_PORT).toBe(first.variables.LP_CACHE_PORT)
    await Promise.all([set(first), set(second)])
    await first.reset()
    expect([await get(first), await get(second)]).toEqual([null, 'value'])
  })

  test('the logs are those since the last reset', async () => {
    await using services = await servicesFor(machine(0), signal)
    expect((await services.logs()).cache).toMatch(/Ready to accept connections/)
    await services.reset()
    await useCache(services, (client) => client.call('DEBUG', 'LOG', 'barley').catch(() => client.call('SAVE')))
    const { cache } = await services.logs()
    expect(cache).not.toMatch(/Ready to accept connections/)
    expect(cache).toMatch(/barley|DB saved on disk/)
  })

  test('a service that does not start is an error, and nothing is left', async () => {
    const broken = servicesOnMachine({ cache: redis(), api: command({ command: ['false'] }) })
    const before = leftovers(stateDirectory)
    expect(await caught(broken(machine(0), signal))).toMatchObject({ code: 'ERR_START' })
    expect(leftovers(stateDirectory)).toEqual(before)
  })
})

describe('shared services', () => {
  test('a client of a machine gets a tenant of its own of the same instance', async () => {
    const servicesFor = servicesOnMachine({ cache: redis() }, { shared: true })
    onTestFinished(() => servicesFor.close?.())
    await using services = await servicesFor(machine(0), signal)
    await using client = redis().create({ label: 'CACHE', environment: services.variables })
    await client.setUp({ useExisting: true })
    expect(`${client.serviceConfig.port}`).toBe(services.variables.LP_CACHE_PORT)
    expect(client.serviceConfig.user).not.toBe(services.variables.LP_CACHE_USER)
  })

  test('their starts are on record: once of the pool, and for each machine', async () => {
    const rows: string[] = []
    const results = { service: async (row: ServiceRow) => void rows.push(`${row.service} of ${row.machine}`) }
    const servicesFor = servicesOnMachine({ cache: redis() }, { shared: true, results })
    onTestFinished(() => servicesFor.close?.())
    for (const index of [0, 1]) await (await servicesFor(machine(index), signal)).close()
    expect(rows).toEqual(['cache of null', 'cache of local-1', 'cache of local-2'])
  })

  test('machines have tenants of one instance, which ends with the last of them', async () => {
    const servicesFor = servicesOnMachine({ cache: redis() }, { shared: true })
    onTestFinished(() => servicesFor.close?.())
    const [first, second] = [await servicesFor(machine(0), signal), await servicesFor(machine(1), signal)]
    expect(first.variables.LP_CACHE_PORT).toBe(second.variables.LP_CACHE_PORT)
    expect(first.variables.LP_CACHE_USER).not.toBe(second.variables.LP_CACHE_USER)
    await Promise.all([set(first), set(second)])
    await first.reset()
    expect([await get(first), await get(second)]).toEqual([null, 'value'])
    await Promise.all([first.close(), second.close()])
    await servicesFor.close?.()
  })

  test('a canceled start does not keep the machine waiting', async () => {
    const servicesFor = servicesOnMachine({ cache: redis() }, { shared: true })
    const canceled = AbortSignal.abort()
    expect(await caught(servicesFor(machine(0), canceled))).toMatchObject({ code: 'ERR_CANCELED' })
    await servicesFor.close?.()
  })
})

test('an unknown option, service or file is refused', async () => {
  expect(() => servicesOnMachine({ cache: redis() }, { share: true } as object)).toThrow(
    'servicesOnMachine().share: unknown key (did you mean "shared"?)',
  )
  expect(() => servicesOnMachine({ cache: {} as never })).toThrow(/services.cache: expected a service/)
  const unknown = servicesOnMachine({ cache: redis() }, { only: ['cash'] })
  expect(await caught(unknown(machine(0), signal))).toMatchObject({ code: 'ERR_CONFIG' })
  const noFile = servicesOnMachine('nowhere/test-services.config.ts')
  expect(await caught(noFile(machine(0), signal))).toMatchObject({ code: 'ERR_CONFIG' })
})
