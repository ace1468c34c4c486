import { existsSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { describe, expect, inject, onTestFinished, test } from 'vitest'
import { succeedsUnless } from '../../src/kernel/value-unless.ts'
import { identify, isAlive } from '../../src/process/inspect/identity.ts'
import { eventually } from '../support/eventually.ts'
import { expectNothingLeft, useCleanState } from '../support/left-nothing.ts'
import { cases } from '../support/repeats.ts'
import { type Started, startProcess, useUserProject, variablesOf } from '../support/user-project.ts'

const { stateDirectory } = useCleanState()
const project = useUserProject()
const { run, start } = project

for (const name of ['deaf', 'never-ready', 'slow-to-end', 'slow-to-load', 'gate'])
  project.copy(`configs/${name}.config.mjs`)

const loadingFile = join(project.directory, 'loading')

/** By SIGINT, until that is called off. */
function askedAgain({ child }: Started): () => void {
  const asking = setInterval(() => child.kill('SIGINT'), 2 * twiceMs)
  return () => clearInterval(asking)
}

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
/** Longer than what counts as one signal delivered twice. */
const twiceMs = 150

/** Sends a signal until the process is gone: on a busy machine, the second one may come before the first is seen. */
async function insist(pid: number, name: NodeJS.Signals): Promise<void> {
  const identity = identify(pid)
  while (identity && isAlive(identity)) {
    succeedsUnless(['ESRCH'], () => process.kill(pid, name))
    await pause(twiceMs)
  }
}

interface Holding {
  readonly pid: number
  /** How the command that holds ended; nothing of a helper. */
  readonly ended?: Started['ended']
}

const holders: Record<string, (config?: string) => Promise<Holding>> = {
  foreground: async (config) => {
    const held = start(config ? ['--config', config] : [])
    await held.said('everything is ready')
    return held
  },
  helper: async (config) => {
    const ran = await run(['--daemonise', '--format', 'json', ...(config ? ['--config', config] : [])])
    expect(ran.code, ran.stderr).toBe(0)
    const variables = variablesOf(ran)
    return { pid: Number(variables.LP_WEB_CONTROL_PID ?? variables.LP_MULE_CONTROL_PID) }
  },
  exec: async (config) => {
    const say = [process.execPath, '-e', `console.error('command runs'); setInterval(() => {}, 1000)`]
    const held = start(['exec', ...(config ? ['--config', config] : []), '--', ...say])
    await held.said('command runs')
    return held
  },
}

/** What a holder ends with: the foreground command did what it was asked, exec has the command's end. */
const codes: Record<string, Record<(typeof signals)[number], number>> = {
  foreground: { SIGINT: 0, SIGTERM: 0, SIGHUP: 0 },
  exec: { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 },
}

describe.each(Object.keys(holders))('%s', (kind) => {
  const few = kind === 'exec' ? signals : (['SIGINT'] as const)

  const hold = (config?: string): Promise<Holding> => {
    const begin = holders[kind]
    if (!begin) throw new Error(kind)
    return begin(config)
  }

  test.each(cases(few, signals))('stops everything at %s', async (name) => {
    const { pid, ended } = await hold()
    process.kill(pid, name)
    const ran = await ended
    if (ran) {
      expect(ran.code).toBe(codes[kind]?.[name])
      expect(ran.stderr).toMatch(/api is stopped[\s\S]*web is stopped/)
      expect(ran.stderr).not.toMatch(/^ +at /m)
    }
    await expectNothingLeft(stateDirectory)
  })

  test.each(cases(few, signals))('stops waiting for a service at a second %s', async (name) => {
    const { pid, ended } = await hold('deaf.config.mjs')
    await insist(pid, name)
    await ended
    await expectNothingLeft(stateDirectory)
  })
})

describe('a signal while it starts', () => {
  test.each([
    ['foreground', ['--config', 'never-ready.config.mjs', '--verbose'], 'false;\n'],
    ['--daemonise', ['--daemonise', '--config', 'never-ready.config.mjs', '--verbose'], 'false;\n'],
    ['exec', ['exec', '--config', 'never-ready.config.mjs', '--verbose', '--', 'echo', 'ran'], ''],
  ] as const)('undoes what was started (%s)', async (_, argv, stdout) => {
    const starting = start(argv)
    await starting.said('mule is starting')
    // A service that had not yet closed its ears lets it end at the first signal.
    await insist(starting.pid, 'SIGTERM')
    const ended = await starting.ended
    // A later signal may come when everything is undone and nobody listens any more.
    expect([ended.signal === 'SIGTERM' ? 143 : ended.code, ended.stdout]).toEqual([143, stdout])
    await expectNothingLeft(stateDirectory)
  })

  const daemonise = ['--daemonise', (...options: string[]) => ['--daemonise', ...options], 'false;\n', 1] as const
  const inForeground = [
    ['foreground', (...options: string[]) => options, 'false;\n', 1],
    ['exec', (...options: string[]) => ['exec', ...options, '--', 'echo', 'ran'], '', 125],
  ] as const

  test.each(cases<(typeof inForeground)[number] | typeof daemonise>([daemonise], inForeground))(
    'ends a config file that does not finish loading, as --timeout does (%s)',
    async (_, argv, stdout, code) => {
      rmSync(loadingFile, { force: true })
      const loading = start(argv('--config', 'slow-to-load.config.mjs'))
      await eventually('the config file is being loaded', () => existsSync(loadingFile))
      loading.child.kill('SIGINT')
      expect(await loading.ended).toMatchObject({ code: 130, stdout })
      const late = await run(argv('--config', 'slow-to-load.config.mjs', '--timeout', '1s'))
      expect(late).toMatchObject({ code, stdout })
      expect(late.stderr).toMatch(/loading the config file .*slow-to-load\.config\.mjs took longer than 1000 ms\n/)
      await expectNothingLeft(stateDirectory)
    },
  )

  const slow = 'slow-to-load.config.mjs'
  test.each(
    cases(
      [
        ['workflow', 'waits.yaml', '--config', slow],
        ['pool', 'run', '--commands', 'waiting', '--config', slow],
      ],
      [['pool', 'run', '--vitest-config', slow]],
    ),
  )('ends a run by 130 while its config file loads (%s %s %s)', async (...argv) => {
    rmSync(loadingFile, { force: true })
    project.write('waits.yaml', 'steps: [{ name: one, run: "true" }]\n')
    project.write('waiting', 'true\n')
    const loading = start(argv)
    // Vitest starts before its config file.
    await eventually('the config file is being loaded', () => existsSync(loadingFile), 20_000)
    loading.child.kill('SIGINT')
    expect(await loading.ended).toMatchObject({ code: 130, stdout: '', stderr: '' })
    await expectNothingLeft(stateDirectory)
  })

  test('that comes again ends a helper whose event loop is blocked by its config file', async () => {
    rmSync(loadingFile, { force: true })
    project.write(
      'blocks.config.mjs',
      `import { writeFileSync } from 'node:fs'; writeFileSync('loading', ''); for (;;);`,
    )
    const loading = start(['--daemonise', '--config', 'blocks.config.mjs'])
    await eventually('the config file is being loaded', () => existsSync(loadingFile))
    onTestFinished(askedAgain(loading))
    const ended = await loading.ended
    // A third signal may come when everything is undone and nobody listens any more.
    expect([ended.signal === 'SIGINT' ? 130 : ended.code, ended.stdout]).toEqual([130, 'false;\n'])
    await expectNothingLeft(stateDirectory)
  })

  test('is one signal when it comes twice at once, as from a terminal and from npm', async () => {
    const held = start(['--config', 'slow-to-end.config.mjs'])
    await held.said('everything is ready')
    const logs = start(['logs', '--follow', '--config', 'slow-to-end.config.mjs'])
    await new Promise((resolve) => logs.child.stdout?.once('data', resolve))
    process.kill(held.pid, 'SIGINT')
    process.kill(held.pid, 'SIGTERM')
    expect((await held.ended).code).toBe(0)
    expect((await logs.ended).stdout).toContain('in peace')
  })
})

test('a signal between readiness and end fails --daemonise, and leaves nothing', async () => {
  const config = ['--config', 'gate.config.mjs']
  const starting = start(['--daemonise', '--verbose', ...config])
  await starting.said('gate is starting')
  // It finds the news of the helper and the signal at once when it goes on, and reads the news first.
  starting.child.kill('SIGSTOP')
  project.write('opened', '')
  await eventually('the helper is ready', async () => (await run(['status', ...config])).stdout.includes(': ready,'))
  starting.child.kill('SIGTERM')
  starting.child.kill('SIGCONT')
  const ran = await starting.ended
  expect(ran).toMatchObject({ code: 143, stdout: expect.stringMatching(/LP_GATE_[\s\S]*\nfalse;\n$/) })
  await expectNothingLeft(stateDirectory)
})

describe('a caller that', () => {
  const shell = (script: string) =>
    startProcess(['bash', '-c', script, process.execPath, inject('installedCommand')], { cwd: project.directory }).ended

  test('leaks a descriptor into $(…) gets its answer', async () => {
    const ran = await shell(
      'x=$(exec 20>&1 21>&1; "$0" "$1" --daemonise web) && echo "$x" && "$0" "$1" stop >/dev/null',
    )
    expect(ran).toMatchObject({ code: 0, stdout: expect.stringContaining('export LP_WEB_URL=') })
  })

  test('closes standard output before it reads gets an error, and nothing is left', async () => {
    const ran = await shell('set -o pipefail; "$0" "$1" --daemonise web | head -0')
    expect(ran).toMatchObject({ code: 1, stderr: expect.stringContaining('standard output was closed') })
    expect(ran.stderr).not.toMatch(/^ +at /m)
    await expectNothingLeft(stateDirectory)
  })

  test('closes standard output of status, env or logs early gets no error', async () => {
    await run(['--daemonise', 'web'])
    for (const subcommand of ['status', 'env', 'logs'])
      expect(await shell(`"$0" "$1" ${subcommand} | head -0`)).toMatchObject({ code: 0, stderr: '' })
    expect((await run(['stop'])).code).toBe(0)
  })

  test('is killed before the services are ready has nothing left', async () => {
    // Not the deaf one: its grace is a minute, once it has had the time to close its ears.
    project.copy('configs/never-ready-calm.config.mjs')
    const starting = start(['--daemonise', '--config', 'never-ready-calm.config.mjs', '--verbose'])
    await starting.said('mule is starting')
    process.kill(starting.pid, 'SIGKILL')
    await starting.ended
    await expectNothingLeft(stateDirectory)
  })
})

test('a helper that is killed while it starts fails the command, and leaves nothing', async () => {
  const starting = start(['--daemonise', '--config', 'never-ready.config.mjs', '--verbose'])
  await starting.said('mule is starting')
  const status = JSON.parse((await run(['status', '--json', '--config', 'never-ready.config.mjs'])).stdout)
  expect(status.state).toBe('starting')
  process.kill(status.holderPid, 'SIGKILL')
  const ran = await starting.ended
  expect(ran).toMatchObject({ code: 1, stdout: 'false;\n', stderr: expect.stringContaining('the helper ended') })
  await expectNothingLeft(stateDirectory)
})
