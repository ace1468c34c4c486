import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { Action } from '../../src/action/action.ts'
import { ActionGroup } from '../../src/action/action-group.ts'
import type { Argv } from '../../src/action/action-plan.ts'
import type { Run } from '../../src/run/run.ts'
import { useActions } from '../support/actions.ts'
import { processesOf, useCleanState } from '../support/left-nothing.ts'
import { programArgv } from '../support/program.ts'

const { stateDirectory } = useCleanState()
const actions = useActions()

function program(name: string, ...args: readonly string[]): Argv {
  return programArgv(name, ...args) as unknown as Argv
}

const notify = (graceMs: number) => ({ mode: 'notify-then-terminate', graceMs }) as const
const longGraceMs = 600_000

describe('terminate', () => {
  test('leaves no descendant and runs no TERM handler', async () => {
    const script = 'trap "touch handled" TERM; sleep 600 & (setsid sleep 600 &); echo ready; wait; wait'
    const { action, run, said, directory } = actions.sh(script)
    const running = run()
    await said('ready')
    action.cancel()
    const handled = join(directory, 'handled')
    expect(await running).toMatchObject({ state: 'canceled', exitCode: 137, signal: 'SIGKILL' })
    expect(existsSync(handled)).toBe(false)
    expect(processesOf(stateDirectory)).toEqual([])
  })

  test('writes no cancel_info.json', async () => {
    const { action, said, group, directory } = actions.sh('echo ready; exec sleep 600')
    const running = action.run()
    await said('ready')
    action.cancel({ graceMs: 60_000 })
    await running
    expect(existsSync(join(directory, 'cancel_info.json'))).toBe(false)
    await group.end()
  })
})

describe('notify then terminate', () => {
  test('gives the main process the grace that cancel_info.json tells', async () => {
    const { action, run, said, output } = actions.create({
      command: program('finishes-by-notice.sh', '3'),
      cancelation: notify(90_000),
    })
    const running = run()
    await said('ready')
    const canceledAt = Date.now()
    action.cancel()
    expect(await running).toEqual({ state: 'canceled', exitCode: 3 })
    const info = JSON.parse(output().split('\n')[1] ?? '')
    expect(Object.keys(info)).toEqual(['NotifyEnd'])
    expect(info.NotifyEnd).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/)
    expect(Date.parse(info.NotifyEnd)).toBeGreaterThanOrEqual(canceledAt + 90_000)
    expect(Date.parse(info.NotifyEnd)).toBeLessThan(canceledAt + 95_000)
    expect(processesOf(stateDirectory)).toEqual([])
  })

  test('signals the main process, not its group', async () => {
    const script = '(trap "touch group" TERM; echo ready; while :; do sleep 0.02; done) & trap "exit 4" TERM; wait'
    const { action, group, said, directory } = actions.sh(script, { cancelation: notify(longGraceMs) })
    const running = action.run()
    await said('ready')
    action.cancel()
    expect(await running).toEqual({ state: 'canceled', exitCode: 4 })
    expect(existsSync(join(directory, 'group'))).toBe(false)
    await group.end()
  })

  test('kills the group when the grace ends', async () => {
    const { action, run, said, statuses } = actions.create({
      command: program('ignores-sigterm.sh'),
      cancelation: notify(300),
    })
    const running = run()
    await said('ready')
    const canceledAt = performance.now()
    action.cancel()
    expect(await running).toEqual({ state: 'canceled', exitCode: 137, signal: 'SIGKILL' })
    expect(performance.now() - canceledAt).toBeGreaterThan(299)
    expect(statuses.map(({ state }) => state)).toEqual(['running', 'canceling', 'canceled'])
    expect(processesOf(stateDirectory)).toEqual([])
  })

  test('a child that ignores SIGTERM, canceled with 15 s and then with 1 s, ends early', async () => {
    const { action, said, group, directory } = actions.create({
      command: program('ignores-sigterm.sh'),
      cancelation: notify(15_000),
    })
    const running = action.run()
    await said('ready')
    const notifyEnd = (): number =>
      Date.parse(JSON.parse(readFileSync(join(directory, 'cancel_info.json'), 'utf8')).NotifyEnd)
    const canceledAt = performance.now()
    action.cancel()
    const first = notifyEnd()
    action.cancel({ graceMs: 1_000 })
    const second = notifyEnd()
    const status = await running
    expect(status).toMatchObject({ state: 'canceled' })
    expect(status.exitCode).not.toBe(0)
    expect(performance.now() - canceledAt).toBeLessThan(5_000)
    expect(first - second).toBeGreaterThanOrEqual(13_000)
    await group.end()
  })

  test('a second cancel never makes the grace longer', async () => {
    const { action, run, said } = actions.create({ command: program('ignores-sigterm.sh'), cancelation: notify(300) })
    const running = run()
    await said('ready')
    action.cancel()
    action.cancel({ graceMs: longGraceMs })
    expect(await running).toMatchObject({ state: 'canceled' })
  })

  test('a grace of 0 kills at once', async () => {
    const { action, run, said, directory } = actions.sh(
      'trap "touch handled" TERM; echo ready; while :; do sleep 0.02; done',
      {
        cancelation: notify(longGraceMs),
      },
    )
    const running = run()
    await said('ready')
    action.cancel({ graceMs: 0 })
    const handled = join(directory, 'handled')
    expect(await running).toMatchObject({ state: 'canceled', signal: 'SIGKILL' })
    expect(existsSync(handled)).toBe(false)
  })

  test('a process that is stopped gets the notice as well', async () => {
    const { action, run, said } = actions.sh(
      'trap "exit 5" TERM; echo ready; kill -STOP $$; while :; do sleep 0.02; done',
      {
        cancelation: notify(longGraceMs),
      },
    )
    const running = run()
    await said('ready')
    action.cancel()
    expect(await running).toEqual({ state: 'canceled', exitCode: 5 })
  })

  test('a grace without an end lets the process finish, and tells no end', async () => {
    const { action, run, said, directory } = actions.sh(
      'trap "sleep 0.1; ls; exit 6" TERM; echo ready; while :; do sleep 0.02; done',
      { cancelation: notify(Number.POSITIVE_INFINITY) },
    )
    const running = run()
    await said('ready')
    action.cancel({ graceMs: Number.POSITIVE_INFINITY })
    expect(existsSync(join(directory, 'cancel_info.json'))).toBe(false)
    expect(await running).toEqual({ state: 'canceled', exitCode: 6 })
  })

  test('a cancel may count as failure', async () => {
    const { action, run, said } = actions.sh('echo ready; exec sleep 600')
    const running = run()
    await said('ready')
    action.cancel({ asFailure: true })
    expect(await running).toMatchObject({ state: 'failed', signal: 'SIGKILL' })
    const early = actions.sh('true')
    early.action.cancel({ asFailure: true })
    expect(early.action.status).toEqual({ state: 'failed' })
    await early.group.end()
  })

  test('cancel_info.json is gone when its action is over', async () => {
    const { action, said, group, directory } = actions.create({
      command: program('finishes-by-notice.sh', '0'),
      cancelation: notify(longGraceMs),
    })
    const running = action.run()
    await said('ready')
    action.cancel()
    expect(existsSync(join(directory, 'cancel_info.json'))).toBe(true)
    await running
    expect(existsSync(join(directory, 'cancel_info.json'))).toBe(false)
    await group.end()
  })

  test.each([Number.NaN, null, -1, '5'])('a grace of %j is refused', async (graceMs) => {
    const { action, run } = actions.sh('true')
    expect(() => action.cancel({ graceMs: graceMs as number })).toThrow('graceMs: expected a number of milliseconds')
    expect(await run()).toMatchObject({ state: 'success' })
  })
})

describe('a timeout', () => {
  test('takes the same path and ends as timeout, with what it was', async () => {
    const { run, statuses } = actions.create({
      command: program('finishes-by-notice.sh', '0'),
      cancelation: notify(longGraceMs),
      timeoutMs: 300,
    })
    expect(await run()).toEqual({ state: 'timeout', exitCode: 0, failMessage: 'the test took longer than 300 ms' })
    expect(statuses.map(({ state }) => state)).toEqual(['running', 'running', 'canceling', 'timeout'])
  })

  test.each([longGraceMs, 2 ** 31, Number.POSITIVE_INFINITY])(
    'that does not run out changes nothing (%d ms)',
    async (timeoutMs) => {
      expect(await actions.sh('sleep 0.1', { timeoutMs }).run()).toEqual({ state: 'success', exitCode: 0 })
    },
  )
})

describe('at any moment', () => {
  test('before it runs: it never begins', async () => {
    const { action, group, directory } = actions.sh('touch begun')
    action.cancel()
    expect(action.status).toEqual({ state: 'canceled' })
    expect(existsSync(join(directory, 'begun'))).toBe(false)
    await group.end()
  })

  test('while it is being started: it never begins', async () => {
    const { action, group, directory } = actions.sh('touch begun; exec sleep 600')
    const running = action.run()
    action.cancel()
    expect(await running).toEqual({ state: 'canceled' })
    expect(existsSync(join(directory, 'begun'))).toBe(false)
    await group.end()
  })

  test('after its end: nothing changes', async () => {
    const { action, run } = actions.sh('exit 3')
    const status = await run()
    action.cancel()
    expect(action.status).toEqual(status)
  })

  test('after its process has ended, while a grandchild holds the output: the wait ends', async () => {
    const { action, run, said } = actions.create({ command: program('holds-output.sh') })
    const running = run()
    await said('gone')
    const canceledAt = performance.now()
    action.cancel()
    expect((await running).state).toMatch(/success|canceled/)
    expect(performance.now() - canceledAt).toBeLessThan(4_000)
  })
})

describe('a signal that comes', () => {
  const moments: Record<string, (action: Action) => Promise<unknown>> = {
    'before it runs': (action) => {
      action.signal('SIGTERM')
      return action.run()
    },
    'while it is being started': (action) => {
      const running = action.run()
      action.signal('SIGTERM')
      return running
    },
  }

  test.each(Object.entries(moments))('%s: it never begins', async (_, runWithSignal) => {
    const { action, group, directory } = actions.sh('touch begun; exec sleep 8')
    expect(await runWithSignal(action)).toMatchObject({ state: 'failed', error: { code: 'ERR_CANCELED' } })
    expect(existsSync(join(directory, 'begun'))).toBe(false)
    await group.end()
  })

  test('when it is about to leave its gate: its process gets it', async () => {
    await using group = new SignalledAtTheGate(actions.run(), () => action.signal('SIGTERM'))
    const { action } = actions.sh('exec sleep 8', {}, { group })
    expect(await action.run()).toEqual({ state: 'failed', exitCode: 143, signal: 'SIGTERM' })
  })
})

/** Between the last look at what is wanted and the word at the gate. */
class SignalledAtTheGate extends ActionGroup implements AsyncDisposable {
  readonly #signal: () => void

  constructor(run: Run, signal: () => void) {
    super(run, { label: 'TEST' })
    this.#signal = signal
  }

  override spawn(...[command, ladder, check]: Parameters<ActionGroup['spawn']>): ReturnType<ActionGroup['spawn']> {
    const checkAndSignal = (): void => {
      check()
      this.#signal()
    }
    return super.spawn(command, ladder, checkAndSignal)
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.end()
  }
}
