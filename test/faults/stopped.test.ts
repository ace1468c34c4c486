import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { isAlive, readStat } from '../../src/process/inspect/identity.ts'
import { runPaths } from '../../src/run/run-paths.ts'
import { eventually } from '../support/eventually.ts'
import { useFaultGround } from '../support/fault-ground.ts'
import { cases, repeats } from '../support/repeats.ts'
import { useUserProject, variablesOf } from '../support/user-project.ts'
import type { Holding } from './holders.ts'

const ground = useFaultGround()
/** Its holder goes deaf and blind at SIGUSR2, until the file `wake` is there. */
const project = useUserProject('blocks')
const { run, start, write } = project

/** Longer than what counts as one signal delivered twice. */
const twiceMs = 150
const inTimeMs = 1_000
/** A machine that is busy is late once or twice, a wait of ours would be there each time: one has to be in time. */
const attempts = 3
/** Longer than any heartbeat that a lock would be stolen after. */
const stoppedMs = repeats(2_000, 30_000)

async function daemonise(...argv: string[]): Promise<Record<string, string>> {
  const ran = await run(['--daemonise', '--format', 'json', ...argv])
  expect(ran.code, ran.stderr).toBe(0)
  return variablesOf(ran)
}

async function answer(url = ''): Promise<string> {
  return (await fetch(url)).text()
}

describe('while the helper', () => {
  async function expectNothingStolen(variables: Record<string, string>): Promise<void> {
    const witness = ground.witness()
    const again = await run(['--daemonise', '--timeout', '500ms'])
    expect(again).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/runs already .* did not answer within 500 ms/),
    })
    expect((await run(['exec', '--', 'true'])).code).toBe(0)
    const other = await daemonise('--name', 'other')
    expect(other.LP_WEB_PORT).not.toBe(variables.LP_WEB_PORT)
    expect((await run(['sweep'])).stdout).toBe('nothing was left behind\n')
    expect((await run(['stop', '--name', 'other'])).code).toBe(0)
    expect(witness.processes.filter(isAlive)).toEqual(witness.processes)
    expect(await answer(variables.LP_WEB_URL)).toMatch(/^\d+$/)
  }

  test(`is stopped for ${stoppedMs / 1_000} s, others steal nothing, and it goes on`, {
    timeout: 60_000,
  }, async () => {
    const variables = await daemonise()
    const pid = Number(variables.LP_WEB_CONTROL_PID)
    process.kill(pid, 'SIGSTOP')
    const wakesAt = performance.now() + stoppedMs
    while (performance.now() < wakesAt) await expectNothingStolen(variables)
    process.kill(pid, 'SIGCONT')
    expect((await run(['reset'])).code).toBe(0)
    const witness = ground.witness()
    expect((await run(['stop'])).code).toBe(0)
    await witness.expectNothingLeft()
  })

  test('is stopped by SIGSTOP, the command to stop wakes and ends it', async () => {
    const { LP_WEB_CONTROL_PID: pid } = await daemonise()
    const witness = ground.witness()
    process.kill(Number(pid), 'SIGSTOP')
    expect((await run(['stop'])).code).toBe(0)
    await witness.expectNothingLeft()
  })

  test('has its event loop blocked, others steal nothing, and it goes on', async () => {
    const variables = await daemonise()
    const pid = Number(variables.LP_WEB_CONTROL_PID)
    const { stdout } = await run(['status', '--json'])
    expect(JSON.parse(stdout)).toMatchObject({ state: 'ready' })
    process.kill(pid, 'SIGUSR2')
    await expectNothingStolen(variables)
    write('wake', '')
    expect((await run(['reset'])).code).toBe(0)
    const witness = ground.witness()
    expect((await run(['stop'])).code).toBe(0)
    await witness.expectNothingLeft()
  })
})

for (const name of ['hangs', 'stubborn']) project.copy(`configs/${name}.config.mjs`)

function logs(): string[] {
  const runs = runPaths.runs(ground.stateDirectory)
  const paths = readdirSync(runs).map((id) => join(runs, id, 'mule-1/service.log'))
  return paths.filter((path) => existsSync(path)).map((path) => readFileSync(path, 'utf8'))
}

const holders: Record<string, (config: string) => Promise<Holding>> = {
  exec: async (config) => {
    const held = start(['exec', '--config', config, '--', 'sh', '-c', 'echo runs >&2; exec sleep 600'])
    await held.said('runs')
    return held
  },
  foreground: async (config) => {
    const held = start(['--config', config])
    await held.said('everything is ready')
    return held
  },
  helper: async (config) => {
    const { LP_MULE_CONTROL_PID: pid } = await daemonise('--config', config)
    return { pid: Number(pid) }
  },
}

describe.each(cases(['helper'], Object.keys(holders)))('a service of %s', (kind) => {
  const hold = holders[kind] as NonNullable<(typeof holders)[string]>

  /** For how long the last of it lives after a second SIGINT: not for 5 s, which is far from the grace. */
  async function stopTwice(): Promise<number> {
    const { pid, ended } = await hold('hangs.config.mjs')
    const witness = ground.witness()
    process.kill(pid, 'SIGINT')
    // A holder that waits for a core takes notice of the first one later than it is sent.
    await eventually('the service is told', () => logs().some((log) => log.includes('told')))
    await pause(twiceMs)
    const sentAt = performance.now()
    process.kill(pid, 'SIGINT')
    await eventually('all is gone', () => !witness.processes.some(isAlive))
    const tookMs = Math.round(performance.now() - sentAt)
    await ended
    await witness.expectNothingLeft()
    return tookMs
  }

  test('that hangs is gone 1 s after a second SIGINT', async () => {
    const tookMs = [await stopTwice()]
    while (Math.min(...tookMs) > inTimeMs && tookMs.length < attempts) tookMs.push(await stopTwice())
    expect(Math.min(...tookMs), `of ${tookMs} ms`).toBeLessThan(inTimeMs)
  })

  test('that ignores its stop signal is killed when the grace ends', async () => {
    const { pid, ended } = await hold('stubborn.config.mjs')
    const witness = ground.witness()
    process.kill(pid, 'SIGTERM')
    await ended
    await witness.expectNothingLeft()
  })

  test('that is stopped by SIGSTOP ends with its holder', async () => {
    const { pid, ended } = await hold('stubborn.config.mjs')
    const witness = ground.witness()
    const stopped = witness.processes.filter((one) => one.pid !== pid)
    for (const one of stopped) process.kill(one.pid, 'SIGSTOP')
    await eventually('they are stopped', () => stopped.every((one) => readStat(one.pid)?.state === 'T'))
    process.kill(pid, 'SIGTERM')
    await ended
    await witness.expectNothingLeft()
  })
})
