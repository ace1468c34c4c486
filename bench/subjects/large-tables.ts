import type { Figure } from '../figure.ts'
import type { Ground } from '../ground.ts'
import type { Time } from '../program.ts'
import { interleave } from '../rounds.ts'
import type { Subject } from '../subject.ts'

/**
 * `reset` after one written row, by size of the table, until the first answer over a connection from before the reset.
 */
export const largeTables: Subject = {
  title: 'A pristine database after 1 row was written to a table of some size',
  measure,
}

async function measure(ground: Ground, rounds: number): Promise<Figure[]> {
  await using program = ground.start('large-tables.mjs')
  await program.ask('setUp')
  const step =
    (name: string, ...args: string[]) =>
    () =>
      program.ask<Time>(name, ...args)
  const samples = await interleave(rounds, {
    small: step('insert', 'small'),
    medium: step('insert', 'medium'),
    large: step('insert', 'large'),
    changed: step('update', 'medium'),
    swap: step('swap'),
    clone: step('clone'),
    truncate: step('truncate', 'medium'),
  })
  const peers = [
    { what: 'a swap, with a copy ready', samples: samples.swap.ms },
    { what: 'CREATE DATABASE … TEMPLATE, connect', samples: samples.clone.ms },
    { what: 'TRUNCATE of one table, rows gone', samples: samples.truncate.ms },
  ]
  const limits = [{ of: 'median', atMost: 15 }] as const
  return [
    { what: 'reset(), 1 row added to 10 kB', unit: 'ms', samples: samples.small.ms, peers },
    { what: 'reset(), 1 row added to 14 MB', unit: 'ms', samples: samples.medium.ms, limits, peers },
    { what: 'reset(), 1 row changed in 14 MB', unit: 'ms', samples: samples.changed.ms, limits, peers },
    { what: 'reset(), 1 row added to 111 MB', unit: 'ms', samples: samples.large.ms, limits, peers },
  ]
}
