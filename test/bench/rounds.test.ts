import { expect, test } from 'vitest'
import { interleave } from '../../bench/rounds.ts'

test('things are measured in turn, and the first round does not count', async () => {
  const calls: string[] = []
  const thing = (name: string) => async () => ({ ms: calls.push(name) })
  const samples = await interleave(2, { ours: thing('ours'), peer: thing('peer') })
  expect(calls).toEqual(['ours', 'peer', 'ours', 'peer', 'ours', 'peer'])
  expect(samples).toEqual({ ours: { ms: [3, 5] }, peer: { ms: [4, 6] } })
})
