import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { RedisService } from '../../../fixtures/redis/index.ts'
import { createResults, openQueue, Pool, type PoolTest } from '../../../src/pool.ts'
import { readResults } from '../../../src/results/read-results.ts'
import { machinesOf, testOf } from '../../support/controlled-tests.ts'
import { useCleanState } from '../../support/left-nothing.ts'
import { programArgv, startProgram } from '../../support/program.ts'
import { startQueueServer } from '../../support/queue-server.ts'
import { repeats } from '../../support/repeats.ts'

useCleanState()

const kills = repeats(2, 20)
const count = 30
const napMs = 15
/** How much of a worker's life the kills are spread over. */
const lifeMs = 120
const lockMs = 1_000
/** A kill takes a second, and many more on a busy machine. */
const limitMs = 300_000

let server: RedisService
let directory: string
beforeAll(async () => {
  server = await startQueueServer()
  directory = mkdtempSync(join(tmpdir(), 'ts-queue-'))
})
afterAll(async () => {
  rmSync(directory, { recursive: true, force: true })
  await server.cleanUp()
})

/** Returns the tests that have a result, as a report of all hosts shows them. */
function testsWithResult(path: string): string[] {
  const own = readResults(path).results.filter(({ row: [, , , subtest] }) => subtest === null)
  return own.map(({ row: [, , name] }) => name)
}

test(
  'a worker killed at any instant loses no test, and none counts twice',
  async () => {
    const { url } = server.serviceConfig
    for (let index = 0; index < kills; index++) {
      const both = join(directory, `${index}`)
      const [here, there] = [join(both, 'here'), join(both, 'there')]
      const log = join(directory, `${index}.log`)
      const nap = (name: string): PoolTest =>
        testOf(name, () => pause(napMs), { kind: 'naps', data: { name, ms: napMs } })
      const names = Array.from({ length: count }, (_, number) => `t${number}`)
      await using results = createResults({ path: here })
      await using queue = await openQueue({ url, tests: names.map(nap), lockMs })
      const worker = startProgram(programArgv('works-on-a-queue.ts', url, there, log), {
        env: { ...process.env, LP_STATE_DIR: process.env.LP_STATE_DIR },
      })
      expect(await worker.line()).toBe('joined')
      const running = new Pool({ tests: queue, machines: machinesOf(1), results, project: here }).run()
      await worker.line()
      await pause((lifeMs * (index + Math.random())) / kills)
      await worker.kill('SIGKILL')
      await running

      const atKill = `kill ${index + 1} of ${kills}`
      expect(await queue.counts(), atKill).toMatchObject({ passed: count, failed: 0, infra: 0, notRun: 0 })
      // Also what counted at the very end of the worker, which had no time to put it on record.
      expect(testsWithResult(both).toSorted(), atKill).toEqual(names.toSorted())
    }
  },
  limitMs,
)
