import type { Figure } from '../figure.ts'
import type { Ground } from '../ground.ts'
import { HeldInstance } from '../held-instance.ts'
import type { Time } from '../program.ts'
import { interleave } from '../rounds.ts'
import type { Subject } from '../subject.ts'

/** Time from a running instance to an own database in the instance. */
export const attach: Subject = { title: 'A worker that attaches to a running instance', measure }

async function measure(ground: Ground, rounds: number): Promise<Figure[]> {
  await using held = await HeldInstance.create(ground)
  await using worker = held.start('attaches.mjs')
  const samples = await interleave(rounds, {
    again: () => worker.ask<Time>('attach'),
    first: async () => {
      await using newcomer = held.start('attaches.mjs')
      return await newcomer.ask<Time>('attach')
    },
  })
  return [
    {
      what: 'setUp, with a database of its own from the template',
      unit: 'ms',
      samples: samples.again.ms,
      limits: [{ of: 'median', atMost: 15 }],
    },
    { what: 'the same, as the first thing that a new process does', unit: 'ms', samples: samples.first.ms },
  ]
}
