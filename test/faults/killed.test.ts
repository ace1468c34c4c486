import { readFileSync } from 'node:fs'
import { setTimeout as pause } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { identify, isAlive, readStat } from '../../src/process/inspect/identity.ts'
import { unlessUnreadable } from '../../src/process/inspect/unless-unreadable.ts'
import { runPaths } from '../../src/run/run-paths.ts'
import { eventually } from '../support/eventually.ts'
import { useFaultGround } from '../support/fault-ground.ts'
import { leftovers } from '../support/left-nothing.ts'
import { cases, repeats } from '../support/repeats.ts'
import { type Started, variablesOf } from '../support/user-project.ts'
import {
  atInstants,
  commandLine,
  guardianOf,
  type HolderKind,
  holderKinds,
  killWithGuardian,
  namesIn,
  runningBelow,
  startBelowShell,
  useHolders,
  waits,
} from './holders.ts'

const ground = useFaultGround()
const holders = useHolders()
const { hold, begin, run } = holders
const instants = repeats(2, 20)

/** Signals that all holders handle by the same code. */
const others = ['SIGINT', 'SIGHUP', 'SIGQUIT'] as const

describe.each(cases<HolderKind>(['helper'], holderKinds))('%s', (kind) => {
  test.each<NodeJS.Signals>(cases(['SIGTERM', 'SIGKILL'], others))('ended by %s leaves nothing', async (signal) => {
    const held = await hold(kind)
    const witness = ground.witness()
    expect(witness.processes.length).toBeGreaterThanOrEqual(4)
    process.kill(held.pid, signal)
    await held.ended
    await witness.expectNothingLeft()
  })

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
    const startedAt = performance.now()
    const whole = await hold(kind)
    const tookMs = performance.now() - startedAt
    const wholly = ground.witness()
    process.kill(whole.pid, 'SIGKILL')
    await wholly.expectNothingLeft()
    // A script makes its first thing late, so that a few instants may all lie before it.
    await atInstants({ count: instants, lastMs: tookMs, atLeastMet: repeats(0, 2) }, async (atMs) => {
      const starting = begin(kind)
      await pause(atMs)
      const pid = await startingHolder(kind, starting)
      // It stays in this instant while its look-alikes are started.
      signalIfAlive(pid, 'SIGSTOP')
      const witness = ground.witness()
      signalIfAlive(pid, 'SIGKILL')
      await starting.ended
      await witness.expectNothingLeft()
      return witness.processes.length > 1
    })
  })
})

describe('a holder whose parent is killed', () => {
  const exec = ['"$0" "$1"', 'exec', 'web', '--', 'sh', '-c', "'echo exec holds >&2; exec sleep 60'"]
  const foreground = ['"$0" "$1"']

  test.each([
    ['exec', exec, 'exec holds'],
    ['foreground', foreground, 'everything is ready'],
  ] as const)('ends by itself, and leaves nothing: %s', async (_, argv, said) => {
    const shell = startBelowShell([argv], holders)
    await shell.said(said)
    const witness = ground.witness()
    process.kill(shell.pid, 'SIGKILL')
    await shell.said('web is stopped')
    await witness.expectNothingLeft()
  })

  test('holds on if it was started by nohup', async () => {
    const shell = startBelowShell(
      [
        [...foreground, '--name', 'one'],
        ['nohup', ...foreground, '--name', 'two'],
      ],
      holders,
    )
    await shell.said(/everything is ready[\s\S]*everything is ready/)
    const { processes } = ground.witness()
    const holder = processes.find(({ pid }) => commandLine(pid).includes('\0two\0'))
    process.kill(shell.pid, 'SIGKILL')
    await shell.said('web is stopped')
    expect(holder && isAlive(holder)).toBe(true)
    expect((await run(['stop', '--name', 'two'])).stderr).toContain('stopped "two"')
    await shell.ended
  })
})

/** The holder of `--daemonise` is the helper below it, once there is one, and the one that it told of when it has ended. */
async function startingHolder(kind: HolderKind, { pid, ended }: Started): Promise<number> {
  if (kind !== 'helper') return pid
  // So that it neither ends, nor starts its helper, while that is looked for.
  signalIfAlive(pid, 'SIGSTOP')
  await eventually('the command stands still or has ended', () => /[TZ]/.test(readStat(pid)?.state ?? 'Z'))
  const helper = runningBelow(pid, '/dist/helper.js')[0]
  const hasEnded = identify(pid) === undefined
  signalIfAlive(pid, 'SIGCONT')
  return helper ?? (hasEnded ? Number(variablesOf(await ended).LP_WEB_CONTROL_PID) : pid)
}

/** One that has ended since it was looked for needs none any more. */
function signalIfAlive(pid: number, signal: NodeJS.Signals): void {
  unlessUnreadable(() => process.kill(pid, signal))
}

describe('a sweep', () => {
  const stubborn = ['--config', 'ignores-sigterm.config.mjs']
  holders.copy('configs/ignores-sigterm.config.mjs')

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

  test('within what it removes ends neither itself nor the shell in which it was typed', async () => {
    const sweep = `'${process.execPath}' '${holders.command}' sweep`
    const typed = `echo exec holds; read -r end; ${sweep}; echo "swept: $?"; exec sleep 600`
    const held = holders.start(['exec', 'web', '--', 'sh', '-c', `exec >&2; ${typed}`], waits)
    await held.said('exec holds')
    const witness = ground.witness()
    // Without its end: the shell has its output.
    await killWithGuardian({ pid: held.pid })
    await eventually('the holder is dead', () => identify(held.pid) === undefined)
    held.child.stdin?.end('end\n')
    await held.said(
      /removed process \d+ \(WEB\)[\s\S]*left process \d+ \(command\), in which this runs[\s\S]*swept: 1\n/,
    )
    expect(witness.processes.filter(isAlive)).not.toEqual([])
    // The shell is on record still, for a sweep from elsewhere.
    expect(await run(['sweep'])).toMatchObject({ code: 0, stdout: expect.stringContaining('(command)') })
    await held.ended
    await witness.expectNothingLeft()
  })

  test('within the group of what it removes ends all but itself', async () => {
    const sweeps = `while [ ! -e go ]; do sleep 0.05; done; "$0" "$1" sweep > swept; echo "swept: $?" >> swept`
    const argv = ['sh', '-c', `((${sweeps}) &); echo up; exec sleep 600`, process.execPath, holders.command]
    holders.write(
      'within.config.mjs',
      `import { command, defineConfig, ready } from 'test-services'
       export default defineConfig({ services: {
         outer: command({ command: ${JSON.stringify(argv)}, port: false, ready: ready.log('up') }) } })`,
    )
    const held = holders.start(['--config', 'within.config.mjs'])
    await held.said('everything is ready')
    const witness = ground.witness()
    await killWithGuardian(held)
    const said = holders.write('swept', '')
    holders.write('go', '')
    await eventually('it has swept', () => readFileSync(said, 'utf8').includes('swept: '))
    expect(readFileSync(said, 'utf8')).toMatch(/removed process \d+ \(OUTER\)[\s\S]*swept: 0\n$/)
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
