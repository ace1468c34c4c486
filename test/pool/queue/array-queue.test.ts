import { describe, expect, test } from 'vitest'
import type { Machine, TakenTest } from '../../../src/pool.ts'
import { ArrayQueue } from '../../../src/pool.ts'
import { caught } from '../../support/caught.ts'
import { testOf } from '../../support/controlled-tests.ts'

const never = new AbortController().signal
const [a, b, c] = ['a', 'b', 'c'].map((name) => testOf(name))
const tests = [a, b, c].filter((one) => one !== undefined)

/** The queue looks at the platform alone. */
function machineOn(platform: string): Machine {
  return { name: platform, platform } as Machine
}

const here = machineOn('here')

async function taken(queue: ArrayQueue, machine = here): Promise<TakenTest> {
  const test = await queue.take(machine, never)
  if (!test) throw new Error('nothing was left')
  return test
}

describe('ArrayQueue', () => {
  test('each platform has an order of its own', async () => {
    const expected: Record<string, number> = {
      'a here': 1,
      'b here': 2,
      'c here': 3,
      'a there': 3,
      'b there': 2,
      'c there': 1,
    }
    const queue = new ArrayQueue(tests, { expectedMs: (test, platform) => expected[`${test} ${platform}`] })

    expect((await taken(queue)).test.name).toBe('c')
    expect((await taken(queue, machineOn('there'))).test.name).toBe('a')
    expect((await taken(queue)).test.name).toBe('b')
  })

  test('a test that is given back keeps its place, and counts why', async () => {
    const queue = new ArrayQueue(tests)
    const first = await taken(queue)
    expect([first.test.name, first.number, first.givenBack]).toEqual(['a', 1, { failed: 0, infra: 0, canceled: 0 }])
    await first.giveBack('infra')
    const again = await taken(queue)

    expect([again.test.name, again.number, again.givenBack]).toEqual(['a', 2, { failed: 0, infra: 1, canceled: 0 }])
  })

  test('a machine waits for a test that another machine may give back', async () => {
    const queue = new ArrayQueue(tests.slice(0, 1))
    const first = await taken(queue)
    const waiting = taken(queue)
    await first.giveBack('failed')

    expect(await waiting).toMatchObject({ number: 2 })
  })

  test('a machine that waits goes back when the last test is done', async () => {
    const queue = new ArrayQueue(tests.slice(0, 1))
    const only = await taken(queue)
    const waiting = queue.take(here, never)
    expect(await only.finish('passed')).toBe(true)

    expect(await waiting).toBeUndefined()
    expect(queue.left).toBe(0)
  })

  test('a test ends once', async () => {
    const queue = new ArrayQueue(tests.slice(0, 2))
    const first = await taken(queue)
    await first.finish('passed')
    await first.giveBack('failed')
    await first.finish('passed')

    expect(queue.left).toBe(1)
    expect((await taken(queue)).test.name).toBe('b')
  })

  test('a machine stops waiting at its signal', async () => {
    const queue = new ArrayQueue(tests.slice(0, 1))
    await taken(queue)
    const enough = new AbortController()
    const waiting = caught(queue.take(here, enough.signal))
    const reason = new Error('enough')
    enough.abort(reason)

    expect(await waiting).toBe(reason)
  })

  test('a closed queue gives no test', async () => {
    const queue = new ArrayQueue(tests.slice(0, 1))
    await queue.close()

    expect(await queue.take(here, never)).toBeUndefined()
  })

  test('a choice that is none of the waiting tests is refused', async () => {
    const queue = new ArrayQueue(tests, { choose: () => testOf('d') })

    expect(await caught(queue.take(here, never))).toMatchObject({
      code: 'ERR_CONFIG',
      message: 'nextTest() returned "d", which is none of the waiting tests',
    })
  })
})
