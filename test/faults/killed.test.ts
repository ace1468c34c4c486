import { setTimeout as pause } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { isAlive } from '../../src/process/identity.ts'
import { runPaths } from '../../src/run/run-paths.ts'
import { eventually } from '../support/eventually.ts'
import { useFaultGround } from '../support/fault-ground.ts'
import { leftovers } from '../support/left-nothing.ts'
import type { Started } from '../support/user-project.ts'
import {
  commandLine,
  guardianOf,
  type HolderKind,
  holderKinds,
  killWithGuardian,
  namesIn,
  runningBelow,
  useHolders,
} from './holders.ts'

const ground = useFaultGround()
const holders = useHolders()
const { hold, begin, run } = holders
const instants = 20

describe.each(holderKinds)('%s', (kind) => {
  test.each(['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGQUIT', 'SIGKILL'] as const)(
    'ended by %s leaves nothing',
    async (signal) => {
      const held = await hold(kind)
      const witness = ground.witness()
      expect(witness.processes.length).toBeGreaterThanOrEqual(4)
      process.kill(held.pid, signal)
      await held.ended
      await witness.expectNothingLeft()
    },
  )

  test('killed after its guardian was killed and replaced leaves nothing', async () => {
    const held = await hold(kind)
    const witness = ground.witness()
    const first = await guardianOf(held)
    process.kill(first, 'SIGKILL')
    await guardianOf(held, first)
    process.kill(held.pid, 'SIGKILL')
    await held.ended
    await witness.expectNothingLeft()
  })

  test('killed together with its guardian is swept by the next start', async () => {
    const held = await hold(kind)
    const witness = ground.witness()
    await killWithGuardian(held)
    expect(leftovers(ground.stateDirectory)).not.toEqual([])
    expect((await run(['exec', 'web', '--', 'true'])).code).toBe(0)
    await witness.expectNothingLeft()
  })

  test(`killed at ${instants} random instants of its start-up leaves nothing`, { timeout: 120_000 }, async () => {
    const witness = ground.witness()
    const startedAt = performance.now()
    process.kill((await hold(kind)).pid, 'SIGKILL')
    const tookMs = performance.now() - startedAt
    for (let instant = 0; instant < instants; instant++) {
      const starting = begin(kind)
      await pause(Math.random() * tookMs)
      killStarting(kind, starting)
      await starting.ended
      if (kind === 'helper') await run(['stop'])
      await witness.expectNothingLeft()
    }
  })
})

/** The holder of `--daemonise` is the helper below it, once there is one. */
function killStarting(kind: HolderKind, { pid, child }: Started): void {
  const [helper] = kind === 'helper' ? runningBelow(pid, '/dist/helper.js') : []
  if (helper === undefined) child.kill('SIGKILL')
  else process.kill(helper, 'SIGKILL')
}

describe('a sweep', () => {
  const stubborn = ['--config', 'stubborn.config.mjs']
  holders.write(
    'stubborn.config.mjs',
    `import { command, defineConfig, log } from 'test-services'
     const script = "trap '' TERM; echo up; while :; do sleep 60 & wait $!; done"
     export default defineConfig({ services: {
       mule: command({ command: ['sh', '-c', script], port: false, ready: log('up') }) } })`,
  )

  /** What a service that ignores SIGTERM leaves when nobody cleans up. */
  async function abandon(...names: readonly string[]): Promise<void> {
    const held = names.map((name) => holders.start([...stubborn, '--name', name]))
    await Promise.all(held.map(({ said }) => said('everything is ready')))
    await Promise.all(held.map(killWithGuardian))
  }

  test('says with --dry-run what it would remove, and removes nothing', async () => {
    await abandon('one')
    const witness = ground.witness()
    const dry = await run(['sweep', '--dry-run'])
    expect(dry).toMatchObject({ code: 0, stdout: expect.stringMatching(/would remove process \d+ \(MULE\)/) })
    expect(witness.processes.filter(isAlive)).toEqual(witness.processes)
    const swept = await run(['sweep'])
    expect(swept.stdout).toBe(dry.stdout.replaceAll('would remove', 'removed'))
    await witness.expectNothingLeft()
  })

  test('killed half way is finished by the next', async () => {
    await abandon('one')
    const witness = ground.witness()
    const sweeping = holders.start(['sweep'])
    await eventually('it has claimed the run', () => namesIn(runPaths.reaping(ground.stateDirectory)).length === 1)
    process.kill(sweeping.pid, 'SIGKILL')
    await sweeping.ended
    expect(witness.processes.filter(isAlive)).not.toEqual([])
    expect((await run(['sweep'])).stdout).toContain('(MULE)')
    await witness.expectNothingLeft()
  })

  test('killed half way is finished by the guardian that it forestalled', async () => {
    const held = holders.start(stubborn)
    await held.said('everything is ready')
    const witness = ground.witness()
    const guardian = await guardianOf(held)
    process.kill(guardian, 'SIGSTOP')
    process.kill(held.pid, 'SIGKILL')
    await held.ended
    const sweeping = holders.start(['sweep'])
    await eventually('it has claimed the run', () => namesIn(runPaths.reaping(ground.stateDirectory)).length === 1)
    process.kill(sweeping.pid, 'SIGSTOP')
    process.kill(guardian, 'SIGCONT')
    await eventually('the guardian sweeps', () => !commandLine(guardian).includes('test-services-guardian'))
    process.kill(sweeping.pid, 'SIGKILL')
    await sweeping.ended
    await witness.expectNothingLeft()
  })

  test('that is one of 8 at once cleans up or leaves it to another', async () => {
    await abandon('one', 'two')
    const witness = ground.witness()
    const swept = await Promise.all(Array.from({ length: 8 }, () => run(['sweep'])))
    expect(swept.map(({ code }) => code)).toEqual(swept.map(() => 0))
    expect(swept.flatMap(({ stdout }) => stdout.match(/removed process/g) ?? [])).toHaveLength(2)
    await witness.expectNothingLeft()
  })
})
