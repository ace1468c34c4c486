import { describe, expect, test } from 'vitest'
import { Pool } from '../../src/pool.ts'
import { machinesOf, Script, testOf } from '../support/controlled-tests.ts'
import { useCleanState } from '../support/left-nothing.ts'

useCleanState()

describe('the machine that becomes free takes the next test', () => {
  test('ten tests on three machines run as in the example of ATEX', async () => {
    const script = new Script()
    const names = ['1', '2', '3', '4', '5', '6', '7', '8', '9', '10']
    const tests = names.map((name) => script.test(name))
    const machines = script.machines(['A', 'B', 'C', 'D'], 3)
    const running = new Pool({ tests, machines, reruns: 1 }).run()

    script.arrive('A')
    await script.until('1 on A')
    script.end('1')
    await script.until('2 on A')
    script.arrive('B')
    for (const [name, next] of [
      ['3', '4'],
      ['4', '5'],
      ['5', '6'],
    ] as const) {
      await script.until(`${name} on B`)
      script.end(name)
      await script.until(`${next} on B`)
    }
    script.arrive('C')
    await script.until('7 on C')
    script.end('2', 'fails')
    await script.until('A gone')
    script.end('6')
    await script.until('2 on B')
    script.end('7')
    await script.until('8 on C')
    script.end('8')
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
    const summary = await new Pool({ tests, machines: machinesOf(1) }).run()

    expect(order).toEqual(['a', 'b', 'c', 'd'])
    expect(summary).toMatchObject({ outcome: 'passed', passed: 4, attempts: 4 })
  })

  test('no tests need no machine', async () => {
    const summary = await new Pool({ tests: [], machines: machinesOf(1) }).run()

    expect(summary).toMatchObject({ outcome: 'passed', passed: 0, attempts: 0 })
  })
})
