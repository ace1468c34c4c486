import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { RedisService } from '../../../fixtures/redis/index.ts'
import { type AttemptRow, createResults, openQueue, Pool, type PoolTest } from '../../../src/pool.ts'
import { machinesOf, testOf } from '../../support/controlled-tests.ts'
import { useCleanState } from '../../support/left-nothing.ts'
import { programArgv, startProgram } from '../../support/program.ts'
import { startQueueServer } from '../../support/queue-server.ts'
import { repeats } from '../../support/repeats.ts'

useCleanState()

const kills = repeats(2, 40)
const count = 30
const napMs = 15
/** How much of a worker's life the kills are spread over. */
const lifeMs = 120
const lockMs = 500

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

/** Returns the counted attempts on record below the directories of all hosts, and the tests that any host began. */
function read(hosts: readonly string[]) {
  const lines = hosts.flatMap((host) => linesOf(join(host, 'attempts.jsonl')))
  const rows = lines.map((line) => JSON.parse(line) as AttemptRow)
  const counted = rows.filter(({ state, rerun }) => state === 'passed' && rerun === null).map((row) => row.test)
  return { counted, begun: (host: string) => readdirSync(join(host, 'attempts')).length }
}

function linesOf(path: string): string[] {
  try {
    return readFileSync(path, 'utf8').split('\n').filter(Boolean)
  } catch {
    return []
  }
}

test('a worker killed at any instant loses no test, and none counts twice', async () => {
  const { url } = server.serviceConfig
  for (let index = 0; index < kills; index++) {
    const here = join(directory, `${index}-here`)
    const there = join(directory, `${index}-there`)
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
    const { counted, begun } = read([here, there])
    expect(new Set(counted).size, atKill).toBe(counted.length)
    // What counted at the very end of the worker may be on record in the server alone; each machine has one such test.
    expect(count - counted.length, atKill).toBeLessThanOrEqual(Math.min(2, begun(there)))
  }
})
