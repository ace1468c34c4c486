import { createServer } from 'node:net'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import type { RedisService } from '../../../fixtures/redis/index.ts'

import {
  joinQueue,
  type Machine,
  openQueue,
  Pool,
  type PoolTest,
  queueStatus,
  type TakenTest,
} from '../../../src/pool.ts'
import { caught } from '../../support/caught.ts'
import { machinesOf, testOf } from '../../support/controlled-tests.ts'
import { eventually } from '../../support/eventually.ts'
import { useCleanState } from '../../support/left-nothing.ts'
import { startQueueServer, startRelay } from '../../support/queue-server.ts'

useCleanState()

let server: RedisService
let url: string
let runs = 0
beforeAll(async () => {
  server = await startQueueServer()
  url = server.serviceConfig.url
})
afterAll(() => server.cleanUp())

const machine = { name: 'A', platform: 'here' } as Machine
const never = new AbortController().signal
const kinds = { function: (name: string) => named(name) }
/** No test of ours is given to others while this process is kept from its work. */
const lockMs = 10_000

function named(name: string, options: Partial<PoolTest> = {}): PoolTest {
  return testOf(name, () => true, { data: name, ...options })
}

/** Opens a run of its own, with two hosts. */
async function twoHosts(tests: readonly PoolTest[], options: Partial<Parameters<typeof openQueue>[0]> = {}) {
  const name = `run-${runs++}`
  const first = await open({ url, name, tests, lockMs, ...options })
  const second = await joinQueue({ url, name, kinds })
  onTestFinished(() => second.close())
  return { name, first, second }
}

async function open(options: Parameters<typeof openQueue>[0]) {
  const queue = await openQueue(options)
  onTestFinished(() => queue.close())
  return queue
}

async function take(queue: { take(machine: Machine, signal: AbortSignal): Promise<TakenTest | undefined> }) {
  const taken = await queue.take(machine, never)
  if (!taken) throw new Error('no test is left')
  return taken
}

test('hosts take the tests in their order', async () => {
  const names = ['one', 'two', 'three', 'four']
  const { first, second } = await twoHosts(names.map((name) => named(name)))
  const order: string[] = []
  for (const queue of [first, second, first, second]) {
    const taken = await take(queue)
    order.push(taken.test.name)
    expect(await taken.finish('passed')).toBe(true)
  }
  expect(order).toEqual(names)
  expect(await second.take(machine, never)).toBeUndefined()
})

test('attempts are counted over all hosts', async () => {
  const { first, second } = await twoHosts([named('flaky')])
  await (await take(first)).giveBack('failed')
  const again = await take(second)
  expect(again).toMatchObject({ number: 2, givenBack: { failed: 1, infra: 0, canceled: 0 } })
  await again.finish('failed')
  expect(await first.counts()).toMatchObject({ passed: 0, failed: 1, notRun: 0 })
})

test('a machine that waits gets a test that another host gives back', async () => {
  const { first, second } = await twoHosts([named('only')])
  const taken = await take(first)
  const waiting = take(second)
  await taken.giveBack('canceled')
  expect((await waiting).test.name).toBe('only')
})

test('a host that waits learns that another one has done the last test', async () => {
  const { first, second } = await twoHosts([named('only')])
  const taken = await take(first)
  const waiting = second.take(machine, never)
  await taken.finish('passed')
  expect(await waiting).toBeUndefined()
})

test('a cut-off host loses its test, which counts once, on the other host', async () => {
  const name = `run-${runs++}`
  const relay = await startRelay(url)
  const far = await open({ url: relay.url, name, tests: [named('only')], lockMs: 2_000 })
  const near = await joinQueue({ url, name, kinds })
  onTestFinished(() => near.close())
  const lost = await take(far)
  relay.cut()
  const again = await take(near)
  expect(again.number).toBe(2)
  await eventually('the attempt is lost', () => lost.lost.aborted, 10_000)
  relay.restore()
  expect(await lost.finish('passed')).toBe(false)
  expect(await again.finish('failed')).toBe(true)
  expect(await near.counts()).toMatchObject({ passed: 0, failed: 1, notRun: 0 })
})

test('an attempt counts though the answer to its end is lost', async () => {
  const name = `run-${runs++}`
  const relay = await startRelay(url)
  const queue = await open({ url: relay.url, name, tests: [named('only')], lockMs })
  const taken = await take(queue)
  relay.loseAnswerTo('only#1')
  expect(await taken.finish('passed')).toBe(true)
  expect(await queue.counts()).toMatchObject({ passed: 1, notRun: 0 })
})

test('a run goes on when the server goes away and comes back', async () => {
  const { first, second } = await twoHosts([named('one'), named('two')], { lockMs: 60_000 })
  const taken = await take(first)
  await server.kill()
  const finishing = taken.finish('passed')
  const waiting = take(second)
  await server.start()
  expect(await finishing).toBe(true)
  await (await waiting).finish('passed')
  expect(await first.counts()).toMatchObject({ passed: 2, notRun: 0 })
})

test('a signal frees a machine that waits for a hanging server', async () => {
  const { first, second } = await twoHosts([named('one'), named('two')])
  const running = await take(first)
  const enough = new AbortController()
  stopServer()
  const waiting = first.take(machine, enough.signal)
  enough.abort(new Error('enough'))
  await expect(waiting).rejects.toThrow('enough')
  const from = performance.now()
  await running.giveBack('canceled')
  expect(performance.now() - from).toBeLessThan(10_000)
  process.kill(server.pid as number, 'SIGCONT')
  const [again, other] = [await take(second), await take(second)]
  expect([again, other].map(({ test }) => test.name).toSorted()).toEqual(['one', 'two'])
})

test('a test whose host dies again and again cannot be run', async () => {
  const name = `run-${runs++}`
  const queue = await open({ url, name, tests: [named('deadly')], lockMs: 60 })
  const deaths = 7
  let taken = await take(queue)
  for (let death = 1; death < deaths; death++) {
    await blockFor(90)
    taken = await take(queue)
  }
  await expect(taken.test.run({} as never)).rejects.toThrow(/hosts have died, or were cut off, while they ran deadly/)
})

describe('a run', () => {
  test('is not replaced while hosts work on it, and is replaced when it has ended', async () => {
    const { name, first } = await twoHosts([named('only')])
    expect(await caught(openQueue({ url, name, tests: [named('other')] }))).toMatchObject({
      code: 'ERR_STATE',
      message: expect.stringContaining('a run is under way'),
    })
    await first.end()
    const next = await open({ url, name, tests: [named('other')], lockMs })
    expect((await take(next)).test.name).toBe('other')
    expect(await caught(first.whenDone(never))).toMatchObject({ code: 'ERR_TRANSPORT' })
  })

  test('is replaced when its hosts have gone', async () => {
    const name = `run-${runs++}`
    await (await openQueue({ url, name, tests: [named('only')], lockMs })).close()
    const next = await open({ url, name, tests: [named('other')], lockMs })
    expect((await take(next)).test.name).toBe('other')
  })

  test('that is ended gives no further tests to any host', async () => {
    const { first, second } = await twoHosts([named('one'), named('two')], { lockMs: 3_000 })
    const taken = await take(second)
    await first.end()
    await eventually('the other host knows', () => second.left === 0)
    expect(await taken.finish('passed')).toBe(true)
    expect(await second.take(machine, never)).toBeUndefined()
  })

  test('is waited for, but not for ever', async () => {
    const name = `run-${runs++}`
    expect(await caught(joinQueue({ url, name, waitMs: 50 }))).toMatchObject({
      code: 'ERR_NOT_RUNNING',
      message: expect.stringMatching(/no run has begun in the queue at redis:\S+ within 50 ms/),
    })
    const joining = joinQueue({ url, name, kinds })
    const queue = await open({ url, name, tests: [named('only')], lockMs })
    const joined = await joining
    onTestFinished(() => joined.close())
    expect(joined.run).toEqual(queue.run)
  })

  test('shows its hosts, their machines and its counts', async () => {
    const { name, first, second } = await twoHosts([named('one'), named('two')])
    await (await take(first)).finish('passed')
    await take(second)
    const status = await eventually('the running test is shown', async () => {
      const found = await queueStatus({ url, name })
      return found?.hosts.some(({ machines }) => machines.some(({ test }) => test === 'two')) && found
    })
    expect(status).toMatchObject({ counts: { passed: 1, failed: 0, infra: 0, notRun: 1 }, run: { total: 2 } })
    expect(status.hosts).toHaveLength(2)
    expect(await queueStatus({ url, name: 'none' })).toBeUndefined()
  })
})

test('two pools share the tests, and each test counts once', async () => {
  const ran: string[] = []
  const nap = (name: string) => testOf(name, () => ran.push(name), { data: name })
  const names = Array.from({ length: 40 }, (_, index) => `t${index}`)
  const name = `run-${runs++}`
  const first = await open({ url, name, tests: names.map(nap) })
  const second = await joinQueue({ url, name, kinds: { function: nap } })
  onTestFinished(() => second.close())
  const summaries = await Promise.all(
    [first, second].map((tests) => new Pool({ tests, machines: machinesOf(2), project: name }).run()),
  )
  expect(ran.toSorted()).toEqual(names.toSorted())
  expect(summaries.reduce((sum, { passed }) => sum + passed, 0)).toBe(names.length)
  expect(summaries).toMatchObject([{ notRun: 0 }, { notRun: 0 }])
})

describe('a server that cannot be used is an error without its password', () => {
  test('because the password is wrong', async () => {
    const wrong = new URL(url)
    wrong.password = 'secret'
    const error = await caught(openQueue({ url: wrong.href, tests: [] }))
    expect(error).toMatchObject({ code: 'ERR_TRANSPORT', message: expect.stringContaining('WRONGPASS') })
    expect(error.message).not.toContain('secret')
  })

  test('because it is too old', async () => {
    const info = 'redis_version:5.0.7\r\n'
    const old = createServer((socket) => {
      socket.on('error', () => {})
      socket.on('data', (chunk) => {
        for (const _ of `${chunk}`.matchAll(/\*\d+\r\n/g)) socket.write(`$${info.length}\r\n${info}\r\n`)
      })
    })
    await new Promise<void>((resolve) => old.listen(0, '127.0.0.1', resolve))
    onTestFinished(() => void old.close())
    const { port } = old.address() as { port: number }
    expect(await caught(openQueue({ url: `redis://127.0.0.1:${port}`, tests: [] }))).toMatchObject({
      code: 'ERR_TRANSPORT',
      message: expect.stringContaining('Redis 6.2 or later, or Valkey; this is 5.0.7'),
    })
  })
})

/** Stops the server, until the end of the test at the latest. */
function stopServer(): void {
  process.kill(server.pid as number, 'SIGSTOP')
  onTestFinished(() => void process.kill(server.pid as number, 'SIGCONT'))
}

/** Keeps this process from renewing anything. */
async function blockFor(ms: number): Promise<void> {
  const endsAt = performance.now() + ms
  while (performance.now() < endsAt);
}
