// Runs suites of tests that sleep, through a pool and through the shards of Vitest.
import { setTimeout as sleep } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { start } from 'test-services'
import { redis } from 'test-services/fixtures/redis'
import { commandTest, createProvisioner, createResults, localMachines, openQueue, Pool } from 'test-services/pool'
import { BaseSequencer } from 'vitest/node'
import { answer, timed } from './answer.mjs'

/** Machines that need no time, and run nothing. */
function simulatedMachines(slots) {
  const make = async (number) => ({
    name: `simulated-${number}`,
    platform: 'simulated',
    transport: undefined,
    directory: '/',
    end: async () => {},
  })
  return createProvisioner({ name: 'simulated', slots, make })
}

function testOf(name, run) {
  const runOnce = async () => {
    await run()
    return { exitCode: 0, passed: true }
  }
  return { name, kind: 'bench', data: null, run: runOnce }
}

/** Runs a suite, and returns what its schedule can be judged by. */
async function makespan(tests, machines, project) {
  const pool = new Pool({ tests, machines, project })
  const durations = []
  const reading = (async () => {
    for await (const event of pool) {
      if (event.type !== 'attempt-end') continue
      durations.push(Date.parse(event.attempt.end) - Date.parse(event.attempt.begin))
    }
  })()
  const ms = await timed(() => pool.run())
  await reading
  await machines.close()
  return { ms, totalMs: durations.reduce((sum, each) => sum + each, 0), longestMs: Math.max(...durations) }
}

/** Returns the tests of each shard, as Vitest shares the files out. */
async function shardsOf(suite, count) {
  const specs = suite.map(([name]) => ({ moduleId: `/suite/${name}.test.mjs`, name }))
  const config = (index) => ({ root: '/suite', shard: { index, count } })
  const indexes = Array.from({ length: count }, (_, index) => index + 1)
  return Promise.all(indexes.map((index) => new BaseSequencer({ config: config(index) }).shard(specs)))
}

setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc')

function heapMb() {
  collectGarbage()
  return process.memoryUsage().heapUsed / 2 ** 20
}

const noOps = (count, run = async () => {}) => Array.from({ length: count }, (_, index) => testOf(`${index}`, run))

/** @param share puts the tests where the pool takes them from; its time counts */
async function timeNoOps(count, share) {
  const machines = simulatedMachines(2)
  let ran = 0
  let first = 0
  let last = 0
  const run = async () => {
    ran++
    if (ran === count / 10) first = heapMb()
    if (ran === count) last = heapMb()
  }
  const ms = await timed(async () => {
    const tests = await share(noOps(count, run))
    await new Pool({ tests, machines, project: 'no-ops' }).run()
  })
  return { ms: ms / count, grownMb: last - first }
}

answer({
  local: (suite, slots) => {
    const tests = JSON.parse(suite).map(([name, ms]) => commandTest({ name, command: ['sleep', `${ms / 1_000}`] }))
    return makespan(tests, localMachines({ slots }), 'local')
  },
  simulated: (suite, slots) => {
    const tests = JSON.parse(suite).map(([name, ms]) => testOf(name, () => sleep(ms)))
    return makespan(tests, simulatedMachines(slots), 'simulated')
  },
  /** The same tests in the shards of Vitest, each on a machine. */
  sharded: async (suiteText, count) => {
    const suite = new Map(JSON.parse(suiteText))
    const shards = await shardsOf([...suite], count)
    return timed(() =>
      Promise.all(
        shards.map(async (shard) => {
          for (const { name } of shard) await sleep(suite.get(name))
        }),
      ),
    )
  },
  noOps: (count) => timeNoOps(count, (tests) => tests),
  /** The same tests, taken from a Redis. */
  queuedNoOps: async (count) => {
    const server = await start(redis())
    let queue
    const open = async (tests) => {
      queue = await openQueue({ url: server.serviceConfig.url, tests })
      return queue
    }
    try {
      return await timeNoOps(count, open)
    } finally {
      await queue?.close()
      await server.cleanUp()
    }
  },
  noOpsOnDisk: async (count, path) => {
    const results = createResults({ path })
    const machines = simulatedMachines(2)
    return (await timed(() => new Pool({ tests: noOps(count), machines, results, project: 'no-ops' }).run())) / count
  },
})
