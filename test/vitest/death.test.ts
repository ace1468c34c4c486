import { existsSync, readdirSync } from 'node:fs'
import { setTimeout as pause } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { atInstants, runningBelow } from '../faults/holders.ts'
import { eventually } from '../support/eventually.ts'
import { useFaultGround } from '../support/fault-ground.ts'
import { misbehavingServerText } from '../support/misbehaving-server.ts'
import { repeats } from '../support/repeats.ts'
import { createProject, type Project, statusOf } from './project.ts'

const ground = useFaultGround()
const { stateDirectory } = ground
const patienceMs = 30_000
const instants = repeats(6, 20)

/** One test that has a slice of the run's instance and an instance of its own, and does not end. */
const endless = `
import { useService } from 'test-services/vitest'
import { config, forever, tell, test } from './support.ts'
const runsLibrary = process.env.LIBRARY_URL
const own = useService(config.services.library, { instance: 'unique' })
test('never ends', { timeout: 0 }, async ({ library }) => {
  tell({ running: 'yes', url: library.serviceConfig.url, own: own.serviceConfig.url, library: runsLibrary })
  await forever()
})
`

const lateConfig = `
import { command, defineConfig } from 'test-services'
import { librarian } from 'test-services/fixtures/librarian'
const library = ${misbehavingServerText('never-listens')}
export default defineConfig({ services: { early: librarian(), library } })
`

const postgresFiles = {
  'test-services.config.ts': `
import { defineConfig } from 'test-services'
import { postgres } from 'test-services/fixtures/postgres'
export default defineConfig({ services: { db: postgres() } })`,
  'a.test.ts': `
import { forever, tell, test } from './support.ts'
test('never ends', { timeout: 0 }, async ({ db }) => {
  tell({ running: 'yes', database: db.serviceConfig.database })
  await forever()
})`,
}

async function answers(url: string | undefined): Promise<boolean> {
  return (await statusOf(`${url}/files`)) === 200
}

/** A run in the middle of a test, and what bears witness to it. */
async function inTheMiddle(project: Project, pool: string) {
  const vitest = project.start(['run', '--pool', pool])
  const told = await project.whenTold('running')
  const witness = ground.witness()
  expect(witness.processes.length).toBeGreaterThanOrEqual(3)
  return { vitest, told, witness }
}

/** One service is ready, the other one runs and will never be: the set-up is under way. */
async function whenSettingUp(): Promise<void> {
  const runs = `${stateDirectory}/runs`
  const isThere = (run: string): boolean =>
    existsSync(`${runs}/${run}/early-1/service.pid`) && existsSync(`${runs}/${run}/library-2/service.log`)
  await eventually('a service is being set up', () => existsSync(runs) && readdirSync(runs).some(isThere), patienceMs)
}

describe.each(['forks', 'threads'])('with the pool "%s"', (pool) => {
  test.each(['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT', 'SIGKILL'] as const)(
    'nothing is left when %s ends the main process during tests',
    async (signal) => {
      const project = await createProject({ 'a.test.ts': endless })
      const { vitest, told, witness } = await inTheMiddle(project, pool)
      expect(await answers(told.url)).toBe(true)
      vitest.child.kill(signal)
      await vitest.ended
      await witness.expectNothingLeft()
      expect(await Promise.all([told.library, told.own].map(answers))).toEqual([false, false])
    },
  )

  test('nothing is left when SIGKILL ends the main process after its guardians were killed and replaced', async () => {
    const { vitest, witness } = await inTheMiddle(await createProject({ 'a.test.ts': endless }), pool)
    const guardians = (): number[] => runningBelow(vitest.pid, 'test-services-guardian')
    const first = guardians()
    expect(first.length).toBeGreaterThan(0)
    for (const pid of first) process.kill(pid, 'SIGKILL')
    await eventually(
      'each is replaced',
      () => guardians().filter((pid) => !first.includes(pid)).length === first.length,
    )
    vitest.child.kill('SIGKILL')
    await vitest.ended
    await witness.expectNothingLeft()
  })

  test('nothing is left of a Postgres when SIGKILL ends the main process during tests', async () => {
    const { vitest, told, witness } = await inTheMiddle(await createProject(postgresFiles), pool)
    expect(told.database).toMatch(/^test_/)
    vitest.child.kill('SIGKILL')
    await vitest.ended
    await witness.expectNothingLeft()
  })

  test.each(['SIGINT', 'SIGKILL'] as const)(
    'nothing is left when %s ends the main process during set-up',
    async (signal) => {
      const project = await createProject({ 'test-services.config.ts': lateConfig, 'a.test.ts': endless })
      const vitest = project.start(['run', '--pool', pool])
      await whenSettingUp()
      const witness = ground.witness()
      vitest.child.kill(signal)
      await vitest.ended
      await witness.expectNothingLeft()
    },
  )

  test('nothing is left when hooks and tear-downs hang', async () => {
    const project = await createProject({
      'hang.ts': 'export const teardown = () => new Promise(() => setInterval(() => {}, 1_000))',
      'vitest.config.ts': `
import { defineConfig } from 'vitest/config'
import { testServices } from 'test-services/vitest'
export default defineConfig({ plugins: [testServices()], test: { globalSetup: './hang.ts', hookTimeout: 10 } })`,
      'a.test.ts': `
import { afterAll } from 'vitest'
import { forever, tell, test } from './support.ts'
afterAll(forever)
test('passes', ({ library }) => tell({ ran: library.serviceConfig.url }))`,
      'reporter.ts': `
import { appendFileSync } from 'node:fs'
export default class { onTestRunEnd() { appendFileSync('told.jsonl', '{ "tearsDown": "yes" }\\n') } }`,
    })
    const vitest = project.start(['run', '--pool', pool, '--reporter', './reporter.ts'])
    await project.whenTold('tearsDown')
    const witness = ground.witness()
    vitest.child.kill('SIGTERM')
    await vitest.ended
    await witness.expectNothingLeft()
  })
})

test(`nothing is left when SIGKILL ends the main process at ${instants} random instants of its start`, {
  timeout: 120_000,
}, async () => {
  const project = await createProject({ 'a.test.ts': endless })
  const startedAt = performance.now()
  const whole = await inTheMiddle(project, 'forks')
  const tookMs = performance.now() - startedAt
  whole.vitest.child.kill('SIGKILL')
  await whole.witness.expectNothingLeft()
  let met = 0
  await atInstants(instants, tookMs, async (atMs) => {
    const vitest = project.start(['run', '--pool', 'forks'])
    await pause(atMs)
    // It stays in this instant while its look-alikes are started.
    vitest.child.kill('SIGSTOP')
    const witness = ground.witness()
    if (witness.processes.length > 1) met++
    vitest.child.kill('SIGKILL')
    await vitest.ended
    await witness.expectNothingLeft()
  })
  expect(met, 'instants in which there was something to clean up').toBeGreaterThanOrEqual(repeats(1, 2))
})

test('what a worker that is killed holds goes, its slot stays, and the other workers go on', async () => {
  const project = await createProject({
    'victim.test.ts': endless,
    'other.test.ts': `
import { expect } from 'vitest'
import { add, isThere, list, tell, test } from './support.ts'
test('goes on', async ({ library }) => {
  await add(library, 'one')
  tell({ waiting: 'yes' })
  await isThere('victim-is-gone')
  expect(await list(library)).toBe(1)
})`,
  })
  const vitest = project.start()
  const victim = await project.whenTold('running')
  await project.whenTold('waiting')
  const witness = ground.witness()
  process.kill(Number(victim.pid), 'SIGKILL')
  await eventually(`${victim.own} is gone`, async () => !(await answers(victim.own)))
  expect(await answers(victim.url)).toBe(true)
  await project.write({ 'victim-is-gone': '' })
  const { exitCode, output } = await vitest.ended
  expect(output).toMatch(/✓ other\.test\.ts/)
  expect(exitCode).toBe(1)
  await witness.expectNothingLeft()
})
