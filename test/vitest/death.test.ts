import { existsSync, readdirSync } from 'node:fs'
import { setTimeout as pause } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { atInstants, runningBelow } from '../faults/holders.ts'
import { eventually } from '../support/eventually.ts'
import { useFaultGround } from '../support/fault-ground.ts'
import { cases, repeats } from '../support/repeats.ts'
import { createProject, type Project, statusOf } from './project.ts'

const ground = useFaultGround()
const { stateDirectory } = ground
const patienceMs = 30_000
const instants = repeats(2, 20)

async function answers(url: string | undefined): Promise<boolean> {
  return (await statusOf(`${url}/files`)) === 200
}

/** A run in the middle of a test, and what bears witness to it. */
async function inTheMiddle(project: Project, pool: string) {
  const vitest = project.start(['run', 'endless', '--pool', pool])
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

describe.each(cases(['forks'], ['threads']))('with the pool "%s"', (pool) => {
  test.each<NodeJS.Signals>(cases(['SIGINT', 'SIGKILL'], ['SIGTERM', 'SIGHUP', 'SIGQUIT']))(
    'nothing is left when %s ends the main process during tests',
    async (signal) => {
      const project = await createProject('library')
      const { vitest, told, witness } = await inTheMiddle(project, pool)
      expect(await answers(told.url)).toBe(true)
      vitest.child.kill(signal)
      await vitest.ended
      await witness.expectNothingLeft()
      expect(await Promise.all([told.library, told.own].map(answers))).toEqual([false, false])
    },
  )

  test('nothing is left when SIGKILL ends Vitest after its guardians were replaced', async () => {
    const { vitest, witness } = await inTheMiddle(await createProject('library'), pool)
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
    const { vitest, told, witness } = await inTheMiddle(await createProject('database'), pool)
    expect(told.database).toMatch(/^test_/)
    vitest.child.kill('SIGKILL')
    await vitest.ended
    await witness.expectNothingLeft()
  })

  test.each<NodeJS.Signals>(cases(['SIGINT'], ['SIGKILL']))(
    'nothing is left when %s ends the main process during set-up',
    async (signal) => {
      const project = await createProject('never-ready')
      const vitest = project.start(['run', '--pool', pool])
      await whenSettingUp()
      const witness = ground.witness()
      vitest.child.kill(signal)
      await vitest.ended
      await witness.expectNothingLeft()
    },
  )

  test('nothing is left when hooks and tear-downs hang', async () => {
    const project = await createProject('hangs')
    const vitest = project.start(['run', '--pool', pool])
    await project.whenTold('tearsDown')
    const witness = ground.witness()
    vitest.child.kill('SIGTERM')
    await vitest.ended
    await witness.expectNothingLeft()
  })
})

test(`nothing is left after SIGKILL at ${instants} random instants of the start`, {
  timeout: 120_000,
}, async () => {
  const project = await createProject('library')
  const startedAt = performance.now()
  const whole = await inTheMiddle(project, 'forks')
  const tookMs = performance.now() - startedAt
  whole.vitest.child.kill('SIGKILL')
  await whole.witness.expectNothingLeft()
  await atInstants({ count: instants, lastMs: tookMs, atLeastMet: repeats(1, 2) }, async (atMs) => {
    const vitest = project.start(['run', 'endless', '--pool', 'forks'])
    await pause(atMs)
    // It stays in this instant while its look-alikes are started.
    vitest.child.kill('SIGSTOP')
    const witness = ground.witness()
    vitest.child.kill('SIGKILL')
    await vitest.ended
    await witness.expectNothingLeft()
    return witness.processes.length > 1
  })
})

test("a killed worker's own services go, its slot stays, and other workers go on", async () => {
  const project = await createProject('library')
  const vitest = project.start(['run', 'endless', 'outlives-another'])
  const victim = await project.whenTold('running')
  await project.whenTold('waiting')
  const witness = ground.witness()
  process.kill(Number(victim.pid), 'SIGKILL')
  await eventually(`${victim.own} is gone`, async () => !(await answers(victim.own)))
  expect(await answers(victim.url)).toBe(true)
  project.write('victim-is-gone', '')
  const { exitCode, output } = await vitest.ended
  expect(output).toMatch(/✓ outlives-another\.test\.ts/)
  expect(exitCode).toBe(1)
  await witness.expectNothingLeft()
})
