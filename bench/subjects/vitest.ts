import type { Figure } from '../figure.ts'
import type { Ground } from '../ground.ts'
import { interleave } from '../rounds.ts'
import type { Subject } from '../subject.ts'

/** Whole runs of Vitest with isolation, so that each file has a new worker. */
export const vitest: Subject = { title: 'vitest run: 3 files of 10 tests that each post through an API', measure }

async function measure(ground: Ground, rounds: number): Promise<Figure[]> {
  const run = (files: string) =>
    ground.time([process.execPath, 'node_modules/vitest/vitest.mjs', 'run', '--root', 'vitest'], {
      BENCH_FILES: `${files}-*.test.mjs`,
    })
  const { slots, perFile, bare } = await interleave(rounds, {
    slots: () => run('slots'),
    perFile: () => run('per-file'),
    bare: () => run('bare'),
  })
  return [
    {
      what: 'an API and a database for each worker, kept from file to file',
      unit: 'ms',
      samples: slots.ms,
      peers: [
        { what: 'the same, the API started anew by each file', samples: perFile.ms },
        { what: 'as many files and tests without any service', samples: bare.ms },
      ],
    },
  ]
}
