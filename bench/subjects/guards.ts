import type { Figure } from '../figure.ts'
import type { Ground } from '../ground.ts'
import { interleave } from '../rounds.ts'
import { pairwise } from '../statistics.ts'
import type { Subject } from '../subject.ts'

interface Start {
  readonly startMs: number
  readonly stopMs: number
}

/** Cost of the spawn gate, the journal, the guardian, the sweep and the marks. */
export const guards: Subject = { title: 'What it costs that nothing is left, whoever dies', measure }

async function measure(ground: Ground, rounds: number): Promise<Figure[]> {
  await using program = ground.start('guards.mjs')
  const { guarded, bare } = await interleave(rounds, {
    guarded: () => program.ask<Start & { guardianMiB: number }>('guarded'),
    bare: () => program.ask<Start>('bare'),
  })
  const beyond = (key: keyof Start): number[] => pairwise(guarded[key], bare[key], (one, other) => one - other)
  return [
    {
      what: 'setUp of a trivial service',
      unit: 'ms',
      samples: guarded.startMs,
      peers: [{ what: 'a bare spawn with the same probe', samples: bare.startMs }],
    },
    {
      what: 'what the guards cost at the start',
      unit: 'ms',
      samples: beyond('startMs'),
      limits: [{ of: 'median', atMost: 25 }],
    },
    { what: 'what they cost at the stop', unit: 'ms', samples: beyond('stopMs') },
    {
      what: 'private memory of the guardian',
      unit: 'MiB',
      samples: guarded.guardianMiB,
      limits: [{ of: 'median', atMost: 2 }],
    },
  ]
}
