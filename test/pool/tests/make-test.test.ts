import { expect, test } from 'vitest'
import { commandTest } from '../../../src/pool/tests/command-test.ts'
import { makeTest } from '../../../src/pool/tests/make-test.ts'
import type { PoolTest } from '../../../src/pool/tests/pool-test.ts'
import { vitestTest } from '../../../src/pool/tests/vitest-test.ts'

const file = { directory: '/project', file: 'a.test.ts', project: 'unit', environment: { A: 1 }, tags: ['slow'] }

test.each([
  commandTest({ name: '/a', command: ['x'], limitMs: 5, priority: 2, files: { there: '/here' } }),
  vitestTest(file),
])('a test of the kind $kind is made again from its data', (original) => {
  const { kind, data }: PoolTest = JSON.parse(JSON.stringify(original))
  const again = makeTest({ kind, data })
  expect({ ...again, run: undefined }).toEqual({ ...original, run: undefined })
})

test('an unknown kind is refused', () => {
  const make = (): unknown => makeTest({ kind: 'cloud', data: {} })
  expect(make).toThrow('no kind of test has the name "cloud"; expected one of command, vitest, fmf')
})
