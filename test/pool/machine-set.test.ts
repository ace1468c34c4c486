import { describe, expect, test } from 'vitest'
import { createDeferred } from '../../src/kernel/deferred.ts'
import { TransportError } from '../../src/kernel/errors.ts'
import type { MachineServices, Pool, PoolEvent } from '../../src/pool.ts'
import { machinesOf, newPool, Script, testOf } from '../support/controlled-tests.ts'
import { useCleanState } from '../support/left-nothing.ts'

useCleanState()

const services: MachineServices = {
  variables: { LP_DB_URL: 'db://here' },
  reset: async () => {},
  logs: async () => ({}),
  close: async () => {},
  [Symbol.asyncDispose]: async () => {},
}

describe('machines', () => {
  test('a machine is reserved for each test, at most as many as there are slots', async () => {
    const script = new Script()
    const reserved: string[] = []
    const pool = script.pool(['a', 'b'], ['A', 'B', 'C'])
    const events = machineStates(pool, reserved)
    const running = pool.run()
    script.arrive('A', 'B', 'C')
    await script.until('a on A')
    await script.finish('b on B')
    script.end('a')
    await Promise.all([running, events])

    expect(reserved.filter((state) => state.endsWith('reserving'))).toHaveLength(2)
  })

  test('a machine tells what it does from its reservation to its release', async () => {
    const states: string[] = []
    const pool = newPool({ tests: [testOf('a'), testOf('b')], machines: machinesOf(1) })
    const events = machineStates(pool, states)
    await Promise.all([pool.run(), events])

    expect(states).toEqual([
      'scripted reserving',
      'machine-1 setting-up',
      'machine-1 busy',
      'machine-1 free',
      'machine-1 releasing',
      'machine-1 gone',
    ])
  })

  test('a destructive test has its machine replaced while other tests go on', async () => {
    const script = new Script()
    const tests = [
      script.test('destroys', { tags: ['destructive'] }),
      ...['long', 'third', 'fourth'].map((name) => script.test(name)),
    ]
    const running = newPool({ tests, machines: script.machines(['A', 'B', 'C'], 2) }).run()
    script.arrive('A', 'B')
    await script.until('long on B')
    await script.finish('destroys on A')
    await script.until('A gone')
    script.arrive('C')
    await script.finish('third on C')
    await script.finish('fourth on C')
    script.end('long')

    expect(await running).toMatchObject({ outcome: 'passed', passed: 4 })
  })

  test('the machine of the last test is not replaced', async () => {
    const script = new Script()
    const states: string[] = []
    const tests = [script.test('first'), script.test('last', { tags: ['destructive'] })]
    const pool = newPool({ tests, machines: script.machines(['A', 'B'], 1) })
    const events = machineStates(pool, states)
    const running = pool.run()
    script.arrive('A', 'B')
    await script.finish('first on A')
    await script.finish('last on A')
    await Promise.all([running, events])

    expect(states.filter((state) => state.endsWith('reserving'))).toHaveLength(1)
  })

  test('isDestructive decides whether a machine is kept', async () => {
    const machines: string[] = []
    const note = (name: string, passes: boolean) =>
      testOf(name, ({ machine }) => {
        machines.push(`${name} on ${machine.name}`)
        return passes
      })
    const pool = newPool({
      tests: [note('fails', false), note('passes', true), note('last', true)],
      machines: machinesOf(1),
      isDestructive: ({ test: { name } }) => name === 'passes',
    })
    await pool.run()

    expect(machines).toEqual(['fails on machine-1', 'passes on machine-1', 'last on machine-2'])
  })

  test('a set-up that fails twice and then works costs two machines and no attempt', async () => {
    const gone: string[] = []
    let setUps = 0
    const make = async (number: number) => ({ name: `m${number}`, end: async () => void gone.push(`m${number}`) })
    const pool = newPool({
      tests: [testOf('a')],
      machines: machinesOf(1, make),
      setUpMachine: () => {
        setUps++
        if (setUps <= 2) throw new Error('no package manager')
      },
    })

    expect(await pool.run()).toMatchObject({ outcome: 'passed', attempts: 1, reason: null })
    expect(gone).toEqual(['m1', 'm2', 'm3'])
  })

  test('a run ends, and says why, once too many set-ups in a row have failed', async () => {
    const states: string[] = []
    const pool = newPool({
      tests: [testOf('a'), testOf('b')],
      machines: machinesOf(1),
      failedSetUps: 2,
      setUpMachine: () => Promise.reject(new Error('no package manager')),
    })
    const events = machineStates(pool, states)
    const summary = await pool.run()
    await events

    expect(summary).toMatchObject({
      outcome: 'infra',
      notRun: 2,
      attempts: 0,
      reason: 'scripted: 3 machines in a row have failed: no package manager',
    })
    expect(states.filter((state) => state.endsWith('reserving'))).toHaveLength(3)
  })

  test('a provisioner that fails leaves the tests to the others', async () => {
    const broken = machinesOf(1, () => Promise.reject(new Error('no capacity')))
    const pool = newPool({
      tests: ['a', 'b', 'c'].map((name) => testOf(name)),
      machines: [broken, machinesOf(1)],
      failedSetUps: 1,
    })

    expect(await pool.run()).toMatchObject({ outcome: 'passed', passed: 3 })
  })

  test('a provisioner that is refused for good is asked once, and the run says why', async () => {
    let asked = 0
    const refusing = machinesOf(1, () => {
      asked++
      return Promise.reject(new TransportError('the host key is unknown', { isPermanent: true }))
    })

    expect(await newPool({ tests: [testOf('a')], machines: refusing }).run()).toMatchObject({
      outcome: 'infra',
      reason: 'the host key is unknown',
    })
    expect(asked).toBe(1)
  })

  test('services that do not come up are a failed set-up', async () => {
    let attempts = 0
    const pool = newPool({
      tests: [testOf('a', ({ environment }) => environment.LP_DB_URL === 'db://here')],
      machines: machinesOf(1),
      services: async () => {
        if (attempts++ === 0) throw new Error('DB could not be started')
        return services
      },
    })

    expect(await pool.run()).toMatchObject({ outcome: 'passed', attempts: 1 })
  })

  test('a machine is cleaned up in the reverse order of its set-up', async () => {
    const order: string[] = []
    const note = (what: string) => async () => void order.push(what)
    const servicesFor = Object.assign(async () => ({ ...services, close: note('services of the machine') }), {
      close: note('services of all machines'),
    })
    const pool = newPool({
      tests: [testOf('a')],
      machines: machinesOf(1, async () => ({ name: 'm', end: note('machine') })),
      services: servicesFor,
      setUpMachine: note('set-up'),
      cleanUpMachine: note('clean-up'),
    })
    await pool.run()

    expect(order).toEqual(['set-up', 'services of the machine', 'clean-up', 'machine', 'services of all machines'])
  })

  test('a machine whose services do not come up is cleaned up', async () => {
    const cleaned: string[] = []
    const pool = newPool({
      tests: [testOf('a')],
      machines: machinesOf(1),
      failedSetUps: 0,
      services: () => Promise.reject(new Error('DB could not be started')),
      cleanUpMachine: ({ name }) => void cleaned.push(name),
    })

    expect(await pool.run()).toMatchObject({ outcome: 'infra' })
    expect(cleaned).toEqual(['machine-1'])
  })

  test('a clean-up that fails is named in the summary, but not that of a lost machine', async () => {
    const errors = [new Error('the finish script failed'), new TransportError('the connection was lost')]
    const pool = newPool({
      tests: [testOf('a', () => true, { tags: ['destructive'] }), testOf('b')],
      machines: machinesOf(1),
      cleanUpMachine: () => Promise.reject(errors.shift()),
    })

    expect(await pool.run()).toMatchObject({
      outcome: 'passed',
      leftBehind: ['machine-1: the finish script failed'],
    })
  })

  test('a spare is set up, and takes over when a machine is given back', async () => {
    const script = new Script()
    const ready: string[] = []
    const pool = script.pool(['a', 'b', 'c'], ['A', 'B', 'C'], {
      slots: 2,
      spares: 1,
      setUpMachine: ({ name }) => {
        ready.push(name)
        script.note(`${name} ready`)
      },
    })
    const running = pool.run()
    script.arrive('A')
    await script.until('a on A')
    script.arrive('B')
    await script.until('B ready')
    script.end('a', 'fails')
    script.arrive('C')
    await script.until('C ready')
    await script.finish('b on B')
    await script.finish('c on B')

    expect(await running).toMatchObject({ passed: 2, failed: 1 })
    expect(script.log.filter((line) => line.includes(' on '))).toEqual(['a on A', 'b on B', 'c on B'])
  })

  test('a machine that dies during a test is replaced, and its test runs again', async () => {
    const script = new Script()
    const running = script.pool(['a', 'b'], ['A', 'B', 'C'], { slots: 2 }).run()
    script.arrive('A', 'B')
    await script.until('b on B')
    script.end('a', new TransportError('A: the connection was lost'))
    await script.until('A gone')
    script.arrive('C')
    await script.finish('a on C')
    script.end('b')

    expect(await running).toMatchObject({ outcome: 'passed', passed: 2, attempts: 3 })
  })

  test('a provisioner whose machines are lost in their first tests is given up', async () => {
    let ran = 0
    const lost = testOf('lost', () => {
      ran++
      throw new TransportError('the connection was lost')
    })
    const pool = newPool({ tests: [lost], machines: machinesOf(1), failedSetUps: 2, infraReruns: 100 })

    expect(await pool.run()).toMatchObject({
      outcome: 'infra',
      notRun: 1,
      reason: 'scripted: 3 machines in a row have failed: the connection was lost',
    })
    expect(ran).toBe(3)
  })

  test('a machine whose test does not end after its grace is given back', async () => {
    const machines: string[] = []
    const endless = testOf('endless', () => new Promise(() => {}), { limitMs: 10 })
    const pool = newPool({
      tests: [endless, testOf('next', ({ machine }) => machines.push(machine.name))],
      machines: machinesOf(1),
      graceMs: 10,
      isDestructive: () => false,
    })

    expect(await pool.run()).toMatchObject({ outcome: 'failed', passed: 1, failed: 1 })
    expect(machines).toEqual(['machine-2'])
  })

  test('a machine that cannot be given back is named in the summary', async () => {
    const make = async () => ({ name: 'm', end: () => Promise.reject(new Error('the cloud does not answer')) })
    const summary = await newPool({ tests: [testOf('a')], machines: machinesOf(1, make) }).run()

    expect(summary).toMatchObject({ outcome: 'passed', leftBehind: ['m: the cloud does not answer'] })
  })

  test('a machine that waits goes back when no running test may come back', async () => {
    const script = new Script()
    const running = script.pool(['short', 'long'], ['A', 'B']).run()
    script.arrive('A', 'B')
    await script.until('long on B')
    await script.finish('short on A')
    await script.until('A gone')
    script.end('long')

    expect(await running).toMatchObject({ outcome: 'passed' })
  })

  test('a reservation is canceled when no test is left', async () => {
    const canceled = createDeferred()
    const late = machinesOf(1, (_, signal) => {
      signal.addEventListener('abort', () => canceled.resolve())
      return new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)))
    })
    const summary = await newPool({ tests: [testOf('a'), testOf('b')], machines: [machinesOf(1), late] }).run()
    await canceled.promise

    expect(summary).toMatchObject({ outcome: 'passed', passed: 2, reason: null })
  })
})

/** Adds what each machine does, as `machine state`, to the list until the run ends. */
async function machineStates(pool: Pool, states: string[]): Promise<void> {
  for await (const event of pool as AsyncIterable<PoolEvent>) {
    if (event.type === 'machine') states.push(`${event.machine} ${event.state}`)
  }
}
