import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { Redis } from 'ioredis'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { type RedisConfig, redis } from '../../../fixtures/redis/index.ts'
import type { ExternalService } from '../../../src/fixture.ts'
import { command, ready, script } from '../../../src/index.ts'
import { identify, isAlive, readStat } from '../../../src/process/inspect/identity.ts'
import { Session } from '../../../src/session.ts'
import { caught } from '../../support/caught.ts'
import { eventually } from '../../support/eventually.ts'
import { expectNothingLeft, processesOf, useCleanState } from '../../support/left-nothing.ts'
import { misbehavingServer } from '../../support/misbehaving-server.ts'
import { programArgv, startProgram } from '../../support/program.ts'

const { stateDirectory } = useCleanState()

const label = 'CACHE'
/** A server that keeps what it is told. */
const keepingRedis = redis({ settings: { appendonly: 'yes' } })
let service: ExternalService<RedisConfig>

beforeAll(async () => {
  service = keepingRedis.create({ label })
  await service.setUp()
})
afterAll(() => service.cleanUp())

/** A client that gives up at once. */
function client(url: string): Redis {
  const connected = new Redis(url, { maxRetriesPerRequest: 0, retryStrategy: () => null })
  connected.on('error', () => {})
  onTestFinished(() => connected.disconnect())
  return connected
}

async function refusal(port: number): Promise<unknown> {
  const socket = connect(port, '127.0.0.1')
  const answer = await new Promise((resolve) => {
    socket.once('connect', resolve)
    socket.once('error', resolve)
  })
  socket.destroy()
  return answer
}

describe('stop and start', () => {
  test('keep port, config, variables and what the server has stored', async () => {
    const { serviceConfig, variables, pid } = service
    await client(serviceConfig.url).set('kept', 'yes')
    await service.stop()
    expect(service.pid).toBeUndefined()
    expect(await refusal(serviceConfig.port)).toMatchObject({ code: 'ECONNREFUSED' })
    await service.start()
    expect([service.serviceConfig, service.variables]).toEqual([serviceConfig, variables])
    expect(service.pid).not.toBe(pid)
    expect(await client(serviceConfig.url).get('kept')).toBe('yes')
  })

  test('let a client reconnect that retries, and fail one that does not', async () => {
    const { url } = service.serviceConfig
    const [patient, impatient] = [new Redis(url), client(url)]
    patient.on('error', () => {})
    onTestFinished(() => patient.disconnect())
    await Promise.all([patient.ping(), impatient.ping()])
    await service.stop()
    const asked = patient.ping()
    const failed = caught(impatient.ping())
    await service.start()
    expect(await asked).toBe('PONG')
    expect((await failed).message).toMatch(/Connection is closed|Stream isn't writeable/)
  })

  test('cannot start a server that runs, or that is paused', async () => {
    expect(await caught(service.start())).toMatchObject({
      code: 'ERR_STATE',
      message: 'CACHE: start() is not possible: it runs already',
    })
    await service.pause()
    expect((await caught(service.start())).message).toMatch(/it runs already, but is paused; call resume\(\)$/)
    await service.resume()
  })

  test('called twice, or at the same time, are done in order', async () => {
    await Promise.all([service.stop(), service.stop(), service.start(), service.restart(), service.kill()])
    await service.start()
    await service.check()
  })

  test('wait for the line in the log of the new process, not of the old one', async () => {
    const script = `setTimeout(() => console.log('is up'), 50); setInterval(() => {}, 60_000)`
    await using app = command({ command: ['node', '-e', script], port: false, ready: ready.log('is up') }).create({
      label: 'APP',
    })
    await app.setUp()
    await app.restart()
    expect(app.log.readFrom(0)).toBe('is up\nis up\n')
  })
})

describe('a check', () => {
  test.each([
    ['stop', 'CACHE was stopped by stop() of this test; call start(), or reset()'],
    ['kill', 'CACHE was killed by kill() of this test; call start(), or reset()'],
    ['pause', 'CACHE is paused by pause() of this test; call resume(), or reset()'],
  ] as const)('after %s names the fault, and a reset takes it back', async (fault, message) => {
    await service[fault]()
    expect(await caught(service.check())).toMatchObject({ code: 'ERR_STATE', message })
    await service.checkLiving()
    await service.reset()
    await service.check()
    expect(await client(service.serviceConfig.url).dbsize()).toBe(0)
  })

  test('reports a death that is no fault, also after a restart', async () => {
    await using server = misbehavingServer('exits-on-request', 3).create({ label: 'APP' })
    await server.setUp()
    await server.restart()
    await fetch(`${server.serviceConfig.url}/exit`).catch(() => {})
    await server.ended
    expect((await caught(server.reset())).message).toMatch(/^APP died: it ended with exit status 3 /)
    expect((await caught(server.pause())).message).toMatch(/pause\(\) is not possible: its process has died/)
    await server.start()
    await server.check()
  })
})

describe('pause', () => {
  test('stops every process of the service, and resume continues them', async () => {
    await using server = misbehavingServer('leaves-a-child').create({ label: 'APP' })
    await server.setUp()
    const own = processesOf(stateDirectory).filter(({ pid }) => pid !== service.pid)
    const states = () => own.map(({ pid }) => readStat(pid)?.state)
    await server.pause()
    expect(states()).toEqual(['T', 'T'])
    await server.resume()
    expect(states()).not.toContain('T')
    expect(await (await fetch(server.serviceConfig.url)).text()).toBe('served\n')
    await server.pause()
    await server.kill()
    expect(own.filter(isAlive)).toEqual([])
  })

  test('leaves nothing after the death of the holder', async () => {
    const own = `${stateDirectory}-paused`
    mkdirSync(own, { mode: 0o700 })
    onTestFinished(() => rmSync(own, { recursive: true }))
    const holder = startProgram(programArgv('pauses-redis.ts'), { env: { ...process.env, LP_STATE_DIR: own } })
    const identity = identify(Number(await holder.line()))
    expect(readStat(identity?.pid ?? 0)?.state).toBe('T')
    await holder.kill()
    await expectNothingLeft(own)
    expect(identity && isAlive(identity)).toBe(false)
  })
})

describe('faults are refused', () => {
  test('while the service is down', async () => {
    const down = redis().create({ label })
    const error = await caught(down.stop())
    expect(error).toMatchObject({ code: 'ERR_STATE' })
    expect(error.message).toBe('CACHE: stop() is not possible: it is down; call setUp() and await it first')
  })

  test('to a client of a shared instance, which is told what to do', async () => {
    await using tenant = redis().create({ label, environment: service.variables })
    await tenant.setUp({ useExisting: true })
    const error = await caught(tenant.kill())
    expect(error).toMatchObject({ code: 'ERR_STATE' })
    expect(error.message).toContain(`useService(…, { instance: 'unique' })`)
    await tenant.check()
  })

  test('for a service without a process', async () => {
    await using entered = script({ onEnter: { command: ['true'] } }).create({ label: 'SCRIPT' })
    await entered.setUp()
    expect((await caught(entered.stop())).message).toBe('SCRIPT: stop() is not possible: it has no process of its own')
  })
})

test('no fault counts as a death in a session', async () => {
  const events: string[] = []
  const onEvent = (event: { readonly kind: string }): void => void events.push(event.kind)
  await using session = new Session({ services: { cache: redis() }, onEvent })
  await session.enter()
  const cache = session.services.get('cache')
  await cache?.kill()
  await session.reset()
  await cache?.restart()
  await session.end()
  expect(events).not.toContain('died')
})

test.each(['stop', 'kill', 'pause'] as const)('a clean-up after %s leaves nothing', async (fault) => {
  const own = misbehavingServer('leaves-a-child').create({ label: 'APP' })
  await own.setUp()
  const processes = processesOf(stateDirectory).filter(({ pid }) => pid !== service.pid)
  await own[fault]()
  await own.cleanUp()
  expect(processes.filter(isAlive)).toEqual([])
})

test('a clean-up gives up a start that does not become ready', async () => {
  let looks = 0
  const waits = ready.probe('a word', async () => ++looks === 1)
  const app = command({ command: ['sleep', '600'], port: false, ready: waits }).create({ label: 'APP' })
  await app.setUp()
  const restarted = caught(app.restart())
  await eventually('a look at the new process', () => looks > 1)
  await app.cleanUp()
  expect(await restarted).toMatchObject({ code: 'ERR_CANCELED', message: 'starting APP again was canceled' })
})

test('a start that fails leaves the service stopped, and says why', async () => {
  const obstacle = `${stateDirectory}/obstacle`
  const script = `require('fs').existsSync('${obstacle}') ? process.exit(4) : setInterval(() => {}, 60_000)`
  const isUp = ready.probe('no obstacle', async () => !existsSync(obstacle))
  await using app = command({ command: ['node', '-e', script], port: false, ready: isUp }).create({ label: 'APP' })
  await app.setUp()
  writeFileSync(obstacle, '')
  expect(await caught(app.restart())).toMatchObject({
    code: 'ERR_START',
    message: expect.stringMatching(/^APP ended with exit status 4 while starting/),
  })
  expect((await caught(app.check())).message).toMatch(/^APP was stopped by stop\(\)/)
  rmSync(obstacle)
  await app.reset()
})
