import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Figure } from '../figure.ts'
import type { Ground } from '../ground.ts'
import { interleave } from '../rounds.ts'
import { skewedSuite } from '../skewed-suite.ts'
import { pairwise } from '../statistics.ts'
import type { Subject } from '../subject.ts'

const localMachines = 2
const simulatedMachines = 8
const suiteMs = 16_000
const noOps = 10_000
const noOpsOnDisk = 1_000
/** A round takes half a minute. */
const mostRounds = 3

/** A skewed suite, and the cost of the pool itself. */
export const pool: Subject = {
  title: 'A pool: 60 tests with log-normal durations, 16 s in all, and 10,000 tests that do nothing',
  measure,
}

interface Makespan {
  readonly ms: number
  readonly totalMs: number
  readonly longestMs: number
}

async function measure(ground: Ground, rounds: number): Promise<Figure[]> {
  const suite = skewedSuite(suiteMs)
  const text = JSON.stringify(suite)
  writeTestFiles(join(ground.directory, 'suite'), suite)
  await using program = ground.start('pool.mjs')
  const run = async (step: string, machines: number) =>
    overBound(await program.ask<Makespan>(step, text, machines), machines)
  let directory = 0
  const samples = await interleave(Math.min(rounds, mostRounds), {
    local: () => run('local', localMachines),
    shards: () => vitestShards(ground),
    simulated: () => run('simulated', simulatedMachines),
    simulatedShards: async () => ({ ms: await program.ask<number>('sharded', text, simulatedMachines) }),
    noOps: () => program.ask<{ ms: number; grownMb: number }>('noOps', noOps),
    queued: () => program.ask<{ ms: number; grownMb: number }>('queuedNoOps', noOps),
    onDisk: async () => ({ ms: await program.ask<number>('noOpsOnDisk', noOpsOnDisk, `results-${directory++}`) }),
  })
  return [...makespans(samples), ...costs(samples)]
}

type Samples<Name extends string> = Readonly<Record<Name, readonly number[]>>

interface Makespans {
  readonly local: Samples<'ms' | 'over'>
  readonly shards: Samples<'ms' | 'over'>
  readonly simulated: Samples<'ms' | 'over'>
  readonly simulatedShards: Samples<'ms'>
}

/** The first round, which is not counted, learns the durations. */
function makespans({ local, shards, simulated, simulatedShards }: Makespans): Figure[] {
  const bound = pairwise(simulated.ms, simulated.over, (ms, over) => ms / over)
  const shardsOver = pairwise(simulatedShards.ms, bound, (ms, least) => ms / least)
  return [
    {
      what: `${localMachines} local machines, by the lower bound max(total ÷ machines, longest)`,
      unit: '×',
      samples: local.over,
      limits: [{ of: 'median', atMost: 1.1 }],
      peers: [
        {
          what: '`vitest --shard` of as many files that sleep as long, by the mean of its shards',
          samples: shards.over,
        },
      ],
    },
    {
      what: `${simulatedMachines} simulated machines, by the lower bound`,
      unit: '×',
      samples: simulated.over,
      limits: [{ of: 'median', atMost: 1.1 }],
      peers: [{ what: 'the shards that Vitest makes of the same files', samples: shardsOver }],
    },
  ]
}

interface Costs {
  readonly noOps: Samples<'ms' | 'grownMb'>
  readonly queued: Samples<'ms' | 'grownMb'>
  readonly onDisk: Samples<'ms'>
}

function costs({ noOps: { ms, grownMb }, queued, onDisk }: Costs): Figure[] {
  return [
    {
      what: 'a test that does nothing',
      unit: 'ms',
      samples: ms,
      limits: [{ of: 'median', atMost: 5 }],
    },
    {
      what: 'the same, with results on disk',
      unit: 'ms',
      samples: onDisk.ms,
      limits: [{ of: 'median', atMost: 5 }],
    },
    {
      what: 'the same, taken from a Redis through BullMQ',
      unit: 'ms',
      samples: queued.ms,
      limits: [{ of: 'median', atMost: 15 }],
    },
    {
      what: `what stays in memory of ${(noOps * 9) / 10} such tests`,
      unit: 'MiB',
      samples: queued.grownMb,
      limits: [{ of: 'median', atMost: 8 }],
    },
    {
      what: `what stays in memory of ${(noOps * 9) / 10} such tests: their durations`,
      unit: 'MiB',
      samples: grownMb,
      limits: [{ of: 'median', atMost: 8 }],
    },
  ]
}

function overBound({ ms, totalMs, longestMs }: Makespan, machines: number): { ms: number; over: number } {
  return { ms, over: ms / Math.max(totalMs / machines, longestMs) }
}

/** The shards of Vitest at the same time, each with one worker. Their start is a part of what they share out. */
async function vitestShards(ground: Ground): Promise<{ ms: number; over: number }> {
  const shards = Array.from({ length: localMachines }, (_, index) => `--shard=${index + 1}/${localMachines}`)
  const vitest = [process.execPath, 'node_modules/vitest/vitest.mjs', 'run', '--root', 'suite']
  const options = ['--maxWorkers=1', '--no-isolate']
  const times = await Promise.all(shards.map((shard) => ground.time([...vitest, shard, ...options])))
  const each = times.map(({ ms }) => ms)
  const mean = each.reduce((sum, ms) => sum + ms, 0) / each.length
  return { ms: Math.max(...each), over: Math.max(...each) / mean }
}

function writeTestFiles(directory: string, suite: readonly (readonly [string, number])[]): void {
  mkdirSync(directory)
  for (const [name, ms] of suite) {
    const text = `import { test } from 'vitest'\ntest('sleeps', () => new Promise((resolve) => setTimeout(resolve, ${ms})))\n`
    writeFileSync(join(directory, `${name}.test.mjs`), text)
  }
}
