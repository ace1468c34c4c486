import { expect, test } from 'vitest'
import type { ControlResult } from '../../../src/pool/control/control-result.ts'
import { PartialResults } from '../../../src/pool/control/partial-results.ts'
import { caught } from '../../support/caught.ts'

test('a result without `partial` is returned as it is', () => {
  const result = {
    status: 'pass',
    name: 'a',
    note: 'n',
    files: [{ name: 'x/y', length: 2 }],
    testout: 'out',
    took: 5,
  }
  expect(add([result])).toEqual([
    { status: 'pass', name: 'a', note: 'n', files: ['x/y'], testout: 'out', other: { took: 5 } },
  ])
})

test('`null` deletes, lists append, objects merge, and other values replace', () => {
  const results = add([
    { name: 'a', partial: true, status: 'error', note: 'old', list: [1], map: { x: 1, y: { z: [1] } }, kind: [1] },
    {
      name: 'a',
      partial: true,
      note: null,
      list: [2],
      map: { x: 2, y: { z: [2], w: null } },
      kind: 'text',
      fresh: null,
    },
    { name: 'a', status: 'pass', more: { deep: { kept: true, gone: null } } },
  ])
  expect(results).toEqual([
    {
      status: 'pass',
      name: 'a',
      other: {
        list: [1, 2],
        map: { x: 2, y: { z: [1, 2] } },
        kind: 'text',
        more: { deep: { kept: true } },
      },
    },
  ])
})

test('files of partial results are those of the whole, each name once', () => {
  const [result] = add([
    { partial: true, status: 'error', files: [{ name: 'log', length: 1 }] },
    {
      partial: true,
      files: [
        { name: 'log', length: 2 },
        { name: 'b', length: 1 },
      ],
    },
    { partial: false, status: 'pass' },
  ])
  expect(result).toEqual({ status: 'pass', files: ['log', 'b'] })
})

test('interleaved names keep the order of their first appearance', () => {
  const partials = new PartialResults()
  const given = ['b', 'a', 'c', 'a', 'b'].map((name, index) => ({ name, partial: true, status: `${index}` }))
  expect(given.map((result) => partials.add(result))).toEqual([undefined, undefined, undefined, undefined, undefined])
  expect(partials.add({ name: 'c', note: 'closed' })).toEqual({ status: '2', name: 'c', note: 'closed' })
  expect(partials.rest()).toEqual([
    { status: '4', name: 'b' },
    { status: '3', name: 'a' },
  ])
  expect(partials.rest()).toEqual([])
})

test('an open result without a status is an error at the end of the test', () => {
  const partials = new PartialResults()
  partials.add({ partial: true, note: 'begun' })
  expect(partials.rest()).toEqual([{ status: 'error', note: 'begun' }])
})

test('a name is free again once its result is closed', () => {
  const results = add([
    { name: 'a', partial: true, status: 'error', note: 'n' },
    { name: 'a', status: 'fail' },
    { name: 'a', status: 'pass' },
  ])
  expect(results).toEqual([
    { status: 'fail', name: 'a', note: 'n' },
    { status: 'pass', name: 'a' },
  ])
})

test.each([
  ['no status', [{ name: 'a' }], '"status" is missing'],
  [
    'a file of that name',
    [{ status: 'pass', testout: 'log', files: [{ name: 'log', length: 1 }] }],
    'the file log is also "testout"',
  ],
])('a whole result that is malformed is refused: %s', async (_, results, message) => {
  const error = await caught(Promise.resolve(results).then(add))
  expect(error).toMatchObject({ code: 'ERR_CONTROL' })
  expect(error.message).toContain(message)
})

test('a key `__proto__` is a key like any other', () => {
  const [result] = add([JSON.parse('{"partial": true, "status": "pass", "__proto__": {"x": 1}}'), { status: 'pass' }])
  expect(JSON.stringify(result?.other)).toBe('{"__proto__":{"x":1}}')
})

function add(results: readonly ControlResult[]) {
  const partials = new PartialResults()
  return results.flatMap((result) => partials.add(result) ?? [])
}
