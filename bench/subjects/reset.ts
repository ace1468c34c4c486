import { treeCpuMs } from '../cpu.ts'
import type { Figure } from '../figure.ts'
import type { Ground } from '../ground.ts'
import { HeldInstance } from '../held-instance.ts'
import type { Program, Time } from '../program.ts'
import { interleave } from '../rounds.ts'
import { pairwise } from '../statistics.ts'
import type { Subject } from '../subject.ts'

/** Resets per CPU sample: Linux counts processor time in steps of 10 ms. */
const resetsPerCpuSample = 25

/** `reset` by amount of written data, compared with emptying and refilling all tables, and with a fresh copy. */
export const reset: Subject = { title: 'A pristine database of 100 tables and 10,000 rows for the next test', measure }

async function measure(ground: Ground, rounds: number): Promise<Figure[]> {
  await using held = await HeldInstance.create(ground)
  const worker = await held.attach('resets.mjs')
  const byHand = await held.attach('by-hand.mjs')
  const samples = await interleave(rounds, {
    nothing: () => worker.ask<Time>('reset', 'nothing'),
    rows: () => worker.ask<Time>('reset', 'rows'),
    rowsAndAnswer: () => worker.ask<Time>('resetAndAsk', 'rows'),
    rowsAndKeptAnswer: () => worker.ask<Time>('resetAndAskKept', 'rows'),
    each: () => worker.ask<Time>('reset', 'each'),
    schema: () => worker.ask<Time>('reset', 'schema'),
    truncate: () => byHand.ask<Time>('truncate'),
    truncateAndFill: () => byHand.ask<Time>('truncateAndFill'),
    renew: () => byHand.ask<Time>('renew'),
  })
  const emptied = { what: 'TRUNCATE of all tables, rows gone', samples: samples.truncate.ms }
  const refilled = { what: 'TRUNCATE of all tables, rows put back', samples: samples.truncateAndFill.ms }
  const renewed = { what: 'CREATE DATABASE … TEMPLATE, connect', samples: samples.renew.ms }
  const cpu = await cpuSamples({ worker, held, rounds })
  return [
    {
      what: 'reset(), nothing written',
      unit: 'ms',
      samples: samples.nothing.ms,
      limits: [{ of: 'median', atMost: 4 }],
      peers: [emptied, refilled, renewed],
      charted: true,
    },
    {
      what: 'reset(), 3 tables written',
      unit: 'ms',
      samples: samples.rows.ms,
      limits: [
        { of: 'median', atMost: 5 },
        { of: 'p95', atMost: 10 },
      ],
      peers: [emptied, refilled, renewed],
      charted: true,
    },
    {
      what: 'the same, to the first answer over a connection that stayed',
      unit: 'ms',
      samples: samples.rowsAndKeptAnswer.ms,
      peers: [{ what: 'over a new connection', samples: samples.rowsAndAnswer.ms }, emptied, renewed],
    },
    {
      what: 'the same, CPU time of all processes',
      unit: 'ms',
      samples: cpu,
      limits: [{ of: 'median', atMost: 8 }],
    },
    {
      what: 'reset(), 1 row in each of 100 tables written',
      unit: 'ms',
      samples: samples.each.ms,
      peers: [emptied, refilled, renewed],
    },
    {
      what: 'reset(), schema changed',
      unit: 'ms',
      samples: samples.schema.ms,
      limits: [{ of: 'median', atMost: 8 }],
      peers: [renewed],
      charted: true,
    },
  ]
}

interface CpuPlan {
  readonly worker: Program
  readonly held: HeldInstance
  readonly rounds: number
}

/** Returns the CPU time of a reset: rounds of writing and resetting, minus as many rounds of writing alone. */
async function cpuSamples({ worker, held, rounds }: CpuPlan): Promise<number[]> {
  const spentBy = (step: string) => async () => {
    const before = treeCpuMs([worker.pid, held.holder.pid])
    await worker.ask(step, resetsPerCpuSample)
    return { ms: treeCpuMs([worker.pid, held.holder.pid]) - before }
  }
  const { dirty, reset } = await interleave(rounds, { dirty: spentBy('dirty'), reset: spentBy('dirtyAndReset') })
  return pairwise(reset.ms, dirty.ms, (one, other) => (one - other) / resetsPerCpuSample)
}
