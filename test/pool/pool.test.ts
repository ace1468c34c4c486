import { setImmediate as nextTurn, setTimeout as pause } from 'node:timers/promises'
import { describe, expect, onTestFinished, test } from 'vitest'
import { ArrayQueue, Durations, type Pool } from '../../src/pool.ts'
import { caught } from '../support/caught.ts'
import { machinesOf, newPool, Script, testOf } from '../support/controlled-tests.ts'
import { useCleanState } from '../support/left-nothing.ts'

useCleanState()

describe('the machine that becomes free takes the next test', () => {
  test('ten tests on three machines run as in the example of ATEX', async () => {
    const script = new Script()
    const names = ['1', '2', '3', '4', '5', '6', '7', '8', '9', '10']
    const running = script.pool(names, ['A', 'B', 'C', 'D'], { slots: 3, reruns: 1 }).run()

    script.arrive('A')
    await script.finish('1 on A')
    await script.until('2 on A')
    script.arrive('B')
    for (const name of ['3', '4', '5']) await script.finish(`${name} on B`)
    await script.until('6 on B')
    script.arrive('C')
    await script.until('7 on C')
    script.end('2', 'fails')
    await script.until('A gone')
    script.end('6')
    await script.until('2 on B')
    script.end('7')
    await script.finish('8 on C')
    await script.until('9 on C')
    script.arrive('D')
    await script.until('10 on D')
    script.end('9')
    script.end('10')
    await script.until('C gone')
    await script.until('D gone')
    script.end('2', 'fails')
    const summary = await running

    expect(script.log).toEqual([
      '1 on A',
      '2 on A',
      '3 on B',
      '4 on B',
      '5 on B',
      '6 on B',
      '7 on C',
      'A gone',
      '2 on B',
      '8 on C',
      '9 on C',
      '10 on D',
      expect.stringMatching(/^[CD] gone$/),
      expect.stringMatching(/^[CD] gone$/),
      'B gone',
    ])
    expect(summary).toMatchObject({ outcome: 'failed', passed: 9, failed: 1, attempts: 11, notRun: 0 })
  })

  test('tests wait for a free machine, in the order given', async () => {
    const order: string[] = []
    const tests = ['a', 'b', 'c', 'd'].map((name) => testOf(name, () => order.push(name)))
    const summary = await newPool({ tests, machines: machinesOf(1) }).run()

    expect(order).toEqual(['a', 'b', 'c', 'd'])
    expect(summary).toMatchObject({ outcome: 'passed', passed: 4, attempts: 4 })
  })

  test('no tests need no machine', async () => {
    const summary = await newPool({ tests: [], machines: machinesOf(1) }).run()

    expect(summary).toMatchObject({ outcome: 'passed', passed: 0, attempts: 0 })
  })

  test('the longest tests run first once their durations are known', async () => {
    const project = '/projects/longest-first'
    const first = await simulate(project)
    const second = await simulate(project)

    expect(first.order).toEqual(['t1', 't2', 't3', 't4', 't5', 't6', 't7', 't8'])
    expect(second.order).toEqual(['t8', 't7', 't6', 't5', 't4', 't3', 't2', 't1'])
    expect(second.endsAt).toBeLessThanOrEqual(1.1 * lowerBound)
  })

  test('a run records how long its tests took', async () => {
    const fastBegan = performance.now()
    let fastMs = 0
    const fast = testOf('fast', () => {
      fastMs = performance.now() - fastBegan
    })
    const slow = testOf('slow', () => pause(2 * fastMs + 200))
    const run = async (): Promise<string[]> => {
      const pool = newPool({ tests: [fast, slow], machines: machinesOf(1), project: '/projects/recorded' })
      const names = namesOf(pool)
      await pool.run()
      return names
    }

    expect(await run()).toEqual(['fast', 'slow'])
    expect(await run()).toEqual(['slow', 'fast'])
  })

  test('a run on many machines is no reason for a warning of Node', async () => {
    const warnings: Error[] = []
    const onWarning = (warning: Error): void => void warnings.push(warning)
    process.on('warning', onWarning)
    onTestFinished(() => void process.off('warning', onWarning))
    const names = Array.from({ length: 12 }, (_, index) => `${index}`)
    const script = new Script()
    const running = script.pool(names, names).run()
    script.arrive(...names)
    for (const name of names) await script.until(`${name} on ${name}`)
    for (const name of names) script.end(name)
    const { passed } = await running
    await nextTurn()
    expect([passed, warnings]).toEqual([12, []])
  })

  test('a test with a higher priority runs first among tests of unknown duration', async () => {
    const order: string[] = []
    const tests = [0, 2, 1, 2].map((priority, index) =>
      testOf(`${priority}-${index}`, () => order.push(`${priority}-${index}`), { priority }),
    )
    await newPool({ tests, machines: machinesOf(1) }).run()

    expect(order).toEqual(['2-1', '2-3', '1-2', '0-0'])
  })

  test('nextTest chooses for a machine, and sees the waiting tests in order', async () => {
    const seen: string[] = []
    const tests = ['a', 'b', 'c'].map((name) => testOf(name))
    const pool = newPool({
      tests,
      machines: machinesOf(1),
      nextTest: (waiting, { name }) => {
        seen.push(`${name}: ${waiting.map((one) => one.name)}`)
        return waiting.at(-1)
      },
    })
    const names = namesOf(pool)
    await pool.run()

    expect(await names).toEqual(['c', 'b', 'a'])
    expect(seen).toEqual(['machine-1: a,b,c', 'machine-1: a,b', 'machine-1: a'])
  })

  test('a machine that nextTest declines goes back, and the others run its tests', async () => {
    const gone: string[] = []
    const make = async (number: number) => ({ name: `m${number}`, end: async () => void gone.push(`m${number}`) })
    const pool = newPool({
      tests: ['a', 'b', 'c', 'd'].map((name) => testOf(name)),
      machines: machinesOf(2, make),
      nextTest: ([next], { name }) => (name === 'm1' ? undefined : next),
    })
    const summary = await pool.run()

    expect(summary).toMatchObject({ outcome: 'passed', passed: 4, reason: null })
    expect(gone).toEqual(['m1', 'm2'])
  })

  test('a machine that is declined after some tests is replaced', async () => {
    const ran = new Map<string, number>()
    const count = (machine: string) => ran.set(machine, (ran.get(machine) ?? 0) + 1)
    const pool = newPool({
      tests: ['a', 'b', 'c', 'd', 'e'].map((name) => testOf(name, ({ machine }) => count(machine.name))),
      machines: machinesOf(1),
      nextTest: ([next], { name }) => ((ran.get(name) ?? 0) < 2 ? next : undefined),
    })
    const summary = await pool.run()

    expect(summary).toMatchObject({ outcome: 'passed', passed: 5 })
    expect([...ran]).toEqual([
      ['machine-1', 2],
      ['machine-2', 2],
      ['machine-3', 1],
    ])
  })

  test('a run ends, and says why, if every machine is declined', async () => {
    const pool = newPool({ tests: [testOf('a'), testOf('b')], machines: machinesOf(2), nextTest: () => undefined })

    expect(await pool.run()).toMatchObject({
      outcome: 'infra',
      notRun: 2,
      attempts: 0,
      reason: 'nextTest() declined every machine that is left',
    })
  })

  test('two pools in one process share a provisioner', async () => {
    const machines = machinesOf(1)
    const tests = ['a', 'b', 'c'].map((name) => testOf(name, nextTurn))
    const summaries = await Promise.all([newPool({ tests, machines }).run(), newPool({ tests, machines }).run()])

    expect(summaries.map(({ outcome, passed }) => ({ outcome, passed }))).toEqual([
      { outcome: 'passed', passed: 3 },
      { outcome: 'passed', passed: 3 },
    ])
  })

  test('two pools take their tests from one queue', async () => {
    await using queue = new ArrayQueue(['a', 'b', 'c', 'd'].map((name) => testOf(name, nextTurn)))
    const pools = [
      newPool({ tests: queue, machines: machinesOf(1) }),
      newPool({ tests: queue, machines: machinesOf(1) }),
    ]
    const summaries = await Promise.all(pools.map((pool) => pool.run()))

    expect(summaries.reduce((sum, { passed }) => sum + passed, 0)).toBe(4)
    expect(queue.left).toBe(0)
  })

  test('the machines of several provisioners share the tests', async () => {
    const script = new Script()
    const [here, there] = [script.machines(['here']), script.machines(['there'])]
    const running = newPool({ tests: [script.test('x'), script.test('y')], machines: [here, there] }).run()
    script.arrive('here', 'there')
    await script.until('x on here')
    await script.finish('y on there')
    script.end('x')

    expect(await running).toMatchObject({ outcome: 'passed', passed: 2 })
  })

  test('invalid options are refused with the name of the option', async () => {
    const machines = machinesOf(1)
    const tests = [testOf('a')]
    const refused = (options: object) => caught(new Promise(() => newPool({ tests, machines, ...options })))

    expect(await refused({ tests: [testOf('a'), testOf('a')] })).toMatchObject({
      code: 'ERR_CONFIG',
      message: 'two tests have the name "a"; results are told apart by the name',
    })
    expect((await refused({ rerun: 2 })).message).toContain('new Pool().rerun: unknown key (did you mean "reruns"?)')
    expect((await refused({ reruns: -1 })).message).toContain(
      'new Pool().reruns: expected a whole number, 0 or more, but got -1',
    )
    expect((await refused({ machines: [] })).message).toContain('new Pool().machines: expected at least one')
    expect((await refused({ tests: 'all' })).message).toContain(
      'new Pool().tests: expected (Array | Object), but got "all"',
    )
  })
})

/** The sum of the durations over two machines. */
const lowerBound = 18

/** Longer than any of these tests takes by the real clock: the median of both durations is the simulated one. */
const unitMs = 1_000_000

/** Runs tests that take 1 to 8 units of a simulated clock on two machines, and records these durations. */
async function simulate(project: string): Promise<{ readonly order: readonly string[]; readonly endsAt: number }> {
  const script = new Script()
  const units = new Map([1, 2, 3, 4, 5, 6, 7, 8].map((duration) => [`t${duration}`, duration]))
  const running = script.pool([...units.keys()], ['A', 'B'], { project }).run()
  script.arrive('A', 'B')
  const recorded = Durations.load(project)
  const endsAt = new Map([
    ['A', 0],
    ['B', 0],
  ])
  const order: string[] = []
  const begin = async (machine: string): Promise<void> => {
    const line = await script.next((one) => one.endsWith(`on ${machine}`) || one === `${machine} gone`)
    const [name = ''] = line.split(' ')
    const duration = units.get(name)
    if (duration === undefined) return void current.delete(machine)
    order.push(name)
    current.set(machine, name)
    endsAt.set(machine, (endsAt.get(machine) ?? 0) + duration)
    recorded.record(name, 'here', duration * unitMs)
  }
  const current = new Map<string, string>()
  await begin('A')
  await begin('B')
  while (current.size > 0) {
    const [machine = '', name = ''] =
      [...current].toSorted(([a], [b]) => (endsAt.get(a) ?? 0) - (endsAt.get(b) ?? 0))[0] ?? []
    script.end(name)
    await begin(machine)
  }
  await running
  recorded.save()
  return { order, endsAt: Math.max(...endsAt.values()) }
}

/** Names of the tests, in the order in which they begin. */
async function namesOf(pool: Pool): Promise<string[]> {
  const names: string[] = []
  for await (const event of pool) if (event.type === 'attempt') names.push(event.test)
  return names
}
