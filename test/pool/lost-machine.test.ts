import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { processExists } from '../../src/kernel/process-exists.ts'
import { commandTest, createResults, type PoolEvent, sshMachines } from '../../src/pool.ts'
import { newPool } from '../support/controlled-tests.ts'
import { eventually } from '../support/eventually.ts'
import { useCleanState } from '../support/left-nothing.ts'
import { readPid } from '../support/read-pid.ts'
import { startSshServer } from '../support/ssh-server.ts'

const state = useCleanState()
/** A connection is opened first, and a lost one costs some seconds. */
const patienceMs = 30_000

test('a host that reboots during a test is used again, and the test counts once', async () => {
  await using server = await startSshServer()
  await using machines = sshMachines({ hosts: [server.options], pauseMs: 50 })
  const path = join(state.stateDirectory, 'results')
  const pidFile = join(state.stateDirectory, 'pid')
  const command = `[ -e ${pidFile} ] && exit 0; echo $$ > ${pidFile}; exec sleep 600`
  const results = createResults({ path })
  const pool = newPool({ tests: [commandTest({ name: 'long', command })], machines, results })
  const attempts: string[] = []
  const reading = (async () => {
    for await (const event of pool) note(event, attempts)
  })()
  const running = pool.run()
  const pid = await eventually('the test runs', () => readPid(pidFile), patienceMs)
  await server.stop()
  await server.start()

  expect(await running).toMatchObject({ outcome: 'passed', passed: 1, attempts: 2 })
  await reading
  expect(attempts).toEqual(['long#1 infra', 'long#2 passed'])
  expect(readFileSync(join(path, 'results.jsonl'), 'utf8').trim().split('\n')).toHaveLength(1)
  await eventually('the lost test has ended', () => !processExists(pid), patienceMs)
})

function note(event: PoolEvent, attempts: string[]): void {
  if (event.type === 'attempt-end') attempts.push(`${event.attempt.id} ${event.attempt.state}`)
}
