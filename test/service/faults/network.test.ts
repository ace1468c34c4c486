import { execFileSync } from 'node:child_process'
import { connect } from 'node:net'
import { Redis } from 'ioredis'
import { describe, expect, onTestFinished, test } from 'vitest'
import { redis } from '../../../fixtures/redis/index.ts'
import { command, start } from '../../../src/index.ts'
import { useService } from '../../../src/vitest/index.ts'
import { caught } from '../../support/caught.ts'
import { eventually } from '../../support/eventually.ts'
import { useCleanState } from '../../support/left-nothing.ts'
import { program } from '../../support/programs.ts'

useCleanState()

const service = useService(redis({ settings: { appendonly: 'yes' } }), {
  label: 'CACHE',
  instance: 'unique',
  network: true,
})

function client(options: object = { maxRetriesPerRequest: 0, retryStrategy: () => null }): Redis {
  const connected = new Redis(service.serviceConfig.url, options)
  connected.on('error', () => {})
  onTestFinished(() => connected.disconnect())
  return connected
}

describe('with network: true, a service', () => {
  test('names the proxy in its config and its variables, and checks the server itself', async () => {
    const { url, port } = service.serviceConfig
    expect(new URL(url).port).toBe(String(port))
    expect(service.variables).toMatchObject({ LP_CACHE_URL: url, LP_CACHE_PORT: String(port) })
    expect(process.env.LP_CACHE_URL).toBe(url)
    const listening = (await client().config('GET', 'port')) as string[]
    expect(listening[1]).not.toBe(String(port))
    await service.network.cut()
    await service.check()
  })

  test('delays a client by at least the latency, until the reset', async () => {
    const patient = client()
    await patient.ping()
    await service.network.latency(40)
    const startedAt = performance.now()
    await patient.ping()
    expect(performance.now() - startedAt).toBeGreaterThanOrEqual(40)
    await service.network.latency(3_600_000)
    const asked = patient.ping()
    await service.reset()
    expect(await asked).toBe('PONG')
  })

  test('breaks connections off, whereupon a client that retries connects again', async () => {
    const [patient, impatient] = [client({}), client()]
    await Promise.all([patient.ping(), impatient.ping()])
    const failed = new Promise<Error>((resolve) => impatient.once('error', resolve))
    await service.network.resetConnections()
    expect(await failed).toMatchObject({ code: 'ECONNRESET' })
    expect(await patient.ping()).toBe('PONG')
    await eventually('the end of the client', () => impatient.status === 'end')
  })

  test('lets a client time out while it is cut off, and answers a patient one later', async () => {
    const patient = client()
    await patient.ping()
    await service.network.cut()
    const impatient = client({ commandTimeout: 50, retryStrategy: () => null })
    expect((await caught(impatient.ping())).message).toBe('Command timed out')
    const asked = patient.ping()
    await service.network.restore()
    expect(await asked).toBe('PONG')
  })

  test('refuses connections while it is stopped, and serves again on the same port', async () => {
    const { port } = service.serviceConfig
    await service.stop()
    const refused = connect(port, '127.0.0.1')
    expect(await new Promise((resolve) => refused.once('error', resolve))).toMatchObject({ code: 'ECONNREFUSED' })
    await service.start()
    expect(await client().ping()).toBe('PONG')
  })

  test('serves clients while this process is busy with synchronous code', () => {
    const [node, ...argv] = program('sends-a-line', `${service.serviceConfig.port}`, 'PING')
    expect(execFileSync(node, argv, { encoding: 'utf8', timeout: 20_000 })).toMatch(/^-NOAUTH/)
  })

  test('shares the proxy with the clients that attach', async () => {
    await using tenant = redis().create({ label: 'CACHE', environment: service.variables })
    await tenant.setUp({ useExisting: true })
    expect(tenant.serviceConfig.port).toBe(service.serviceConfig.port)
    expect((await caught(Promise.resolve().then(() => tenant.network))).message).toMatch(/others use its instance/)
  })
})

test('start() puts a proxy in front of the services that it is told', async () => {
  await using stack = await start({ services: { one: redis(), other: redis() } }, { network: ['one'] })
  await stack.one.network.latency(1)
  expect(() => stack.other.network).toThrow('OTHER: network is not possible: ask for it at the start')
  await using alone = await start(command({ command: program('serves-http') }), { network: true })
  await alone.network.restore()
  expect((await fetch(alone.serviceConfig.url)).ok).toBe(true)
  await alone.restart()
  expect((await fetch(alone.serviceConfig.url)).ok).toBe(true)
})

describe('mistakes', () => {
  test.each([
    ['latency', -1, 'latency(-1): expected a number of milliseconds, 0 or more'],
    ['latency', Number.NaN, 'latency(NaN): expected a number of milliseconds, 0 or more'],
    ['bandwidth', 0, 'bandwidth(0): expected a number of kilobytes per second, above 0'],
  ] as const)('%s(%s) is refused', async (fault, value, message) => {
    const error = await caught(service.network[fault](value))
    expect(error).toMatchObject({ code: 'ERR_CONFIG', message: `CACHE: network.${message}` })
  })

  test('a service without a port, and a tenant, get no proxy', async () => {
    const portless = command({ command: ['sleep', '600'], port: false }).create({ label: 'APP' })
    expect(await caught(portless.setUp({ network: true }))).toMatchObject({
      code: 'ERR_CONFIG',
      message: 'APP: network needs a service with a TCP port, and its config has none',
    })
    const tenant = redis().create({ label: 'CACHE', environment: service.variables })
    expect(await caught(tenant.setUp({ useExisting: true, network: true }))).toMatchObject({
      code: 'ERR_CONFIG',
      message: 'CACHE: network needs a new instance',
    })
  })

  test('a config has no proxy for a service that it lacks', async () => {
    const error = await caught(start({ services: { db: redis() } }, { network: ['dbb'] as never }))
    expect(error).toMatchObject({
      code: 'ERR_CONFIG',
      message: 'there is no service "dbb" (did you mean "db"?); expected one of db',
    })
    const all = await caught(start({ services: { db: redis() } }, { network: true as never }))
    expect(all.message).toBe("start(config): network: expected names of services, such as ['db']")
  })
})
