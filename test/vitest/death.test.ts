import { existsSync, readdirSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { eventually } from '../support/eventually.ts'
import { expectNothingLeft, useCleanState } from '../support/left-nothing.ts'
import { createProject, statusOf } from './project.ts'

const { stateDirectory } = useCleanState()
const patienceMs = 30_000

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
import { defineConfig } from 'test-services'
import { librarian } from 'test-services/fixtures/librarian'
const library = librarian({ misbehave: { neverListen: true } })
export default defineConfig({ services: { early: librarian(), library } })
`

async function answers(url: string | undefined): Promise<boolean> {
  return (await statusOf(`${url}/files`)) === 200
}

/** One service is ready, the other one runs and will never be: the set-up is under way. */
async function whenSettingUp(): Promise<void> {
  const runs = `${stateDirectory}/runs`
  const isThere = (run: string): boolean =>
    existsSync(`${runs}/${run}/early-1/service.pid`) && existsSync(`${runs}/${run}/library-2/service.log`)
  await eventually('a service is being set up', () => existsSync(runs) && readdirSync(runs).some(isThere), patienceMs)
}

describe.each(['forks', 'threads'])('with the pool "%s"', (pool) => {
  test.each(['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGKILL'] as const)(
    'nothing is left when %s ends the main process during tests',
    async (signal) => {
      const project = await createProject({ 'a.test.ts': endless })
      const vitest = project.start(['run', '--pool', pool])
      const told = await project.whenTold('running')
      expect(await answers(told.url)).toBe(true)
      vitest.child.kill(signal)
      await vitest.ended
      await expectNothingLeft(stateDirectory)
      expect(await Promise.all([told.library, told.own].map(answers))).toEqual([false, false])
    },
  )

  test.each(['SIGINT', 'SIGKILL'] as const)(
    'nothing is left when %s ends the main process during set-up',
    async (signal) => {
      const project = await createProject({ 'test-services.config.ts': lateConfig, 'a.test.ts': endless })
      const vitest = project.start(['run', '--pool', pool])
      await whenSettingUp()
      vitest.child.kill(signal)
      await vitest.ended
      await expectNothingLeft(stateDirectory)
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
    vitest.child.kill('SIGTERM')
    await vitest.ended
    await expectNothingLeft(stateDirectory)
  })
})

test('the slice of a worker that is killed goes, and the other workers go on', async () => {
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
  process.kill(Number(victim.pid), 'SIGKILL')
  for (const url of [victim.url, victim.own]) await eventually(`${url} is gone`, async () => !(await answers(url)))
  expect(await answers(victim.library)).toBe(true)
  await project.write({ 'victim-is-gone': '' })
  const { exitCode, output } = await vitest.ended
  expect(output).toMatch(/✓ other\.test\.ts/)
  expect(exitCode).toBe(1)
  await expectNothingLeft(stateDirectory)
})
