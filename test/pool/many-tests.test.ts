import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { expect, test } from 'vitest'
import { machinesOf, newPool, testOf } from '../support/controlled-tests.ts'
import { useCleanState } from '../support/left-nothing.ts'

useCleanState()

const count = 10_000
/** The recorded durations of 9,000 tests, with room for what the collector leaves. */
const growthMb = 8

setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc') as () => void

function heapMb(): number {
  collectGarbage()
  return process.memoryUsage().heapUsed / 1_000_000
}

test('10,000 tests need no more memory than 1,000', async () => {
  const heaps: number[] = []
  let ran = 0
  const measure = (): void => {
    ran++
    if (ran % 1_000 === 0) heaps.push(heapMb())
  }
  const tests = Array.from({ length: count }, (_, index) => testOf(`t${index}`, measure))
  const pool = newPool({ tests, machines: machinesOf(4) })
  let progress = 0
  const reading = (async () => {
    for await (const { type } of pool) if (type === 'progress') progress++
  })()
  const summary = await pool.run()
  await reading

  expect(summary).toMatchObject({ passed: count, attempts: count })
  expect(progress).toBe(count + 1)
  const [first = 0] = heaps
  expect(Math.max(...heaps) - first).toBeLessThan(growthMb)
})
