import { availableParallelism } from 'node:os'
import type { Figure } from '../figure.ts'
import type { Ground } from '../ground.ts'
import { HeldInstance } from '../held-instance.ts'
import type { Program } from '../program.ts'
import { interleave } from '../rounds.ts'
import { pairwise } from '../statistics.ts'
import type { Subject } from '../subject.ts'

const workerCount = 4
const testsPerWorker = 50
/** Number of workers that do not have to share cores. */
const unhinderedCount = Math.min(workerCount, Math.max(1, Math.floor(availableParallelism() / 2)))

/** Tests on a pristine database each, beside the same tests without any isolation. */
export const workers: Subject = {
  title: '4 workers at a time, 200 tests, each with a reset() and writing to 3 tables',
  measure,
}

async function measure(ground: Ground, rounds: number): Promise<Figure[]> {
  await using held = await HeldInstance.create(ground)
  const workers = await Promise.all(Array.from({ length: workerCount }, () => held.attach('tests.mjs')))
  const runs: number[][] = []
  const { isolated, unhindered, shared } = await interleave(rounds, {
    isolated: async () => {
      const { ms, answers } = await allAtOnce<number[]>(workers, 'isolated')
      runs.push(answers.flat())
      return { ms, longestMs: Math.max(...answers.flat()) }
    },
    unhindered: async () => {
      const { answers } = await allAtOnce<number[]>(workers.slice(0, unhinderedCount), 'isolated')
      return { longestMs: Math.max(...answers.flat()) }
    },
    shared: async () => {
      const { ms } = await allAtOnce(workers, 'shared')
      return { ms }
    },
  })
  const [_warmUp, ...counted] = runs
  return [
    {
      what: 'how long a test waits',
      unit: 'ms',
      samples: counted.flat(),
    },
    {
      what: 'how long the unluckiest of the 200 waits',
      unit: 'ms',
      samples: isolated.longestMs,
      limits: [{ of: 'median', atMost: 15 }],
    },
    {
      what: `the unluckiest of ${unhinderedCount * testsPerWorker}, workers at a time: ${unhinderedCount}, half as many as cores`,
      unit: 'ms',
      samples: unhindered.longestMs,
    },
    {
      what: 'all 200 tests',
      unit: 'ms',
      samples: isolated.ms,
      peers: [{ what: 'without any isolation', samples: shared.ms }],
    },
    {
      what: 'the same, relative to the tests without isolation',
      unit: '×',
      samples: pairwise(isolated.ms, shared.ms, (one, other) => one / other),
    },
  ]
}

async function allAtOnce<T>(workers: readonly Program[], step: string): Promise<{ ms: number; answers: T[] }> {
  const startedAt = performance.now()
  const answers = await Promise.all(workers.map((worker) => worker.ask<T>(step, testsPerWorker)))
  return { ms: performance.now() - startedAt, answers }
}
