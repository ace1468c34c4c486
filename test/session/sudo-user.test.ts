import { chmodSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import type { ScriptOptions } from '../../src/index.ts'
import { readProcFile } from '../../src/process/inspect/proc-file.ts'
import type { ActionStatus, EnvironmentDefinition, SessionAction } from '../../src/session.ts'
import { eventually } from '../support/eventually.ts'
import { leftovers, useCleanState } from '../support/left-nothing.ts'
import { programArgv, type StartedProgram, startProgram } from '../support/program.ts'
import { noSudo, processesOfUser, type SudoUsers, useSudoUsers } from '../support/sudo-users.ts'

useCleanState()

const nobody = { name: '', uid: -1, gid: -1 }
const none: SudoUsers = { caller: nobody, other: nobody, home: '', permit: () => {}, forbid: () => {} }
const longMs = 600_000

interface Script {
  readonly user?: string
  readonly environment?: EnvironmentDefinition
  readonly service?: ScriptOptions
  readonly command?: readonly string[]
  readonly actions?: readonly (SessionAction & { readonly cancel?: object })[]
}

interface Outcome {
  readonly status: ActionStatus
  readonly log: string
  readonly directory: string
}

function sh(text: string, plan: Partial<SessionAction> = {}): SessionAction {
  return { command: ['sh', '-c', text], ...plan }
}

describe.skipIf(noSudo !== undefined)(`by sudo${noSudo ? ` (${noSudo})` : ''}`, () => {
  const { caller, other, home, permit, forbid } = noSudo ? none : useSudoUsers()
  const state = join(home, 'state')

  /** What `acts-as-another.ts` does, as the caller. */
  function start({ user = other.name, ...script }: Script, environment: NodeJS.ProcessEnv = {}) {
    const own = { PATH: process.env.PATH, HOME: home, LP_STATE_DIR: state }
    const argv = programArgv('acts-as-another.ts', JSON.stringify({ user, actions: [], ...script }))
    const identity = { uid: caller.uid, gid: caller.gid }
    const program = startProgram(argv, { ...identity, cwd: '/', env: { ...own, ...environment } })
    return { ...program, says: async <T>(): Promise<T> => JSON.parse(await program.line()) }
  }

  /** All that `program` says until it ends. */
  async function outcomesOf(program: StartedProgram & { says: <T>() => Promise<T> }): Promise<Outcome[]> {
    const outcomes: Outcome[] = []
    for (;;) {
      const said = await program.says<Outcome | 'ended'>()
      if (said === 'ended') return outcomes
      outcomes.push(said)
    }
  }

  afterEach(() =>
    eventually('nothing of both users is left', () => {
      return [...processesOfUser(caller.uid), ...processesOfUser(other.uid), ...leftovers(state)].length === 0
    }),
  )

  test('an action runs as that user, with output, exit code, and files for nobody else', async () => {
    const look = 'cat files/a.txt; files/run.sh; stat -c "%U %a" . files/*; exit 7'
    const text = `id -un; pwd; ln -s embedded_files-1 files; ${look}`
    const embeddedFiles = {
      a: { data: "it's\n100% $(plain) \\n\n", filename: 'a.txt' },
      run: { data: '#!/bin/sh\necho run\n', filename: 'run.sh', runnable: true },
    }
    const program = start({
      actions: [
        sh(text, { embeddedFiles }),
        sh('kill -KILL $$'),
        { command: ['no-such'], variables: { PATH: '/usr/bin:/bin' } },
      ],
    })
    const [first, second, third] = await outcomesOf(program)
    expect(first?.status).toEqual({ state: 'failed', exitCode: 7 })
    const { name } = other
    const said = [
      name,
      first?.directory,
      "it's",
      '100% $(plain) \\n',
      'run',
      `${name} 700`,
      `${name} 600`,
      `${name} 700`,
    ]
    expect(first?.log).toContain(`\n${said.join('\n')}\n`)
    expect(second?.status).toEqual({ state: 'failed', exitCode: 137, signal: 'SIGKILL' })
    expect(third?.status).toEqual({ state: 'failed', exitCode: 127 })
    expect(third?.log).toMatch(/no-such: not found/)
    expect(existsSync(first?.directory ?? '')).toBe(false)
  })

  test('an action gets exactly its variables, and no file or argument shows them', async () => {
    const SECRET = 'sesame \'open\'\n$(it) \\ "now"'
    const variables = { SECRET, HOME: null, file: 'f', LANG: 'C', TERM: null }
    const print = 'process.stdout.write(JSON.stringify(process.env) + "\\n")'
    const text = `exec "$0" -e '${print}; setInterval(() => require("fs").existsSync("go") && process.exit(), 20)'`
    const plan = { command: ['sh', '-c', `echo openjd_status: up; ${text}`, process.execPath], variables } as const
    const program = start({ actions: [plan] }, { OURS: 'mine' })
    const { directory } = await program.says<Outcome>()
    const pids = readdirSync('/proc').filter((name) => /^\d/.test(name))
    const commands = pids.map((pid) => readProcFile(`/proc/${pid}/cmdline`) ?? '')
    const shown = commands.filter((text) => /^sudo/.test(text))
    expect(shown.filter((text) => text.includes(other.name))).toHaveLength(1)
    expect(shown.join()).not.toContain('sesame')
    expect(readdirSync(directory).filter((name) => name.startsWith('environment'))).toEqual([])
    writeFileSync(join(directory, 'go'), '')
    const [outcome] = await outcomesOf(program)
    const environment = JSON.parse(/^\{.*\}$/m.exec(outcome?.log ?? '')?.[0] ?? '')
    const {
      TEST_SERVICES_RUN: _run,
      TEST_SERVICES_INSTANCE: _instance,
      PWD: _pwd,
      _,
      SHLVL: _level,
      ...rest
    } = environment
    expect(rest).toEqual({
      SECRET,
      file: 'f',
      LANG: 'C',
      OPENJD_SESSION_WORKING_DIR: directory,
      PATH: process.env.PATH,
      USER: other.name,
      LOGNAME: other.name,
    })
  })

  test('a cancel notifies the main process alone, and ends everything after the grace', async () => {
    const stubborn = '(trap "echo group" TERM; while :; do sleep 0.02; done) & trap "" TERM'
    const program = start({
      actions: [
        sh('trap "cat cancel_info.json; echo; exit 3" TERM; echo openjd_status: up; while :; do sleep 0.02; done', {
          cancelation: { mode: 'notify-then-terminate', graceMs: longMs },
        }),
        sh(`${stubborn}; echo openjd_status: up; while :; do sleep 0.02; done`, {
          cancelation: { mode: 'notify-then-terminate', graceMs: 300 },
        }),
      ].map((action) => ({ ...action, cancel: {} })),
    })
    const [first, second] = await outcomesOf(program)
    expect(first?.status).toMatchObject({ state: 'canceled', exitCode: 3 })
    expect(first?.log).toMatch(/^\{"NotifyEnd":".*Z"\}$/m)
    expect(second?.status).toMatchObject({ state: 'canceled', exitCode: 137, signal: 'SIGKILL' })
    expect(second?.log).not.toMatch(/^group$/m)
  })

  const detached = '(setsid sh -c "trap : TERM; exec sleep 600" > /dev/null 2>&1 &)'
  const unmarked = '(env -i setsid sh -c "trap : TERM; exec sleep 600" &)'
  const waits = 'echo openjd_status: up; while :; do sleep 0.02; done'

  test('terminate leaves no descendant, and runs no TERM handler', async () => {
    const text = `trap "echo handled" TERM; ${detached}; ${waits}`
    const program = start({ actions: [{ ...sh(text), cancel: {} }] })
    const [outcome] = await outcomesOf(program)
    expect(outcome?.status).toMatchObject({ state: 'canceled', exitCode: 137 })
    expect(outcome?.log).not.toMatch(/^handled$/m)
    expect(processesOfUser(other.uid)).toEqual([])
  })

  function untilSleeping(count: number): Promise<true> {
    const isSleeping = ({ command }: { command: string }): boolean => command === 'sleep 600'
    return eventually('it sleeps', () => processesOfUser(other.uid).filter(isSleeping).length === count)
  }

  test('processes that an environment leaves running stay until its exit, as that user', async () => {
    const onEnter = sh(`${detached}; echo "openjd_env: LEFT=1"`)
    const onExit = sh('test "$LEFT" = 1 && id -un > $OUT')
    const OUT = join(home, 'out')
    writeFileSync(OUT, '')
    chmodSync(OUT, 0o666)
    const program = start({ environment: { id: 'one', variables: { OUT }, onEnter, onExit }, actions: [sh(waits)] })
    await program.says()
    await untilSleeping(1)
    program.child.kill('SIGKILL')
    await eventually('the guardian has exited it', () => readFileSync(OUT, 'utf8') !== '')
    expect(readFileSync(OUT, 'utf8')).toBe(`${other.name}\n`)
  })

  test('SIGKILL of the holder leaves nothing, not even processes that ignore SIGTERM', async () => {
    const program = start({ actions: [sh(`trap "" TERM; ${detached}; ${unmarked}; ${waits}`)] })
    const { directory } = await program.says<Outcome>()
    await untilSleeping(2)
    await program.kill()
    await eventually('the directory is gone', () => !existsSync(directory))
  })

  test('processes that sudo may no longer end are named, and ended once it may again', async () => {
    const program = start({ actions: [sh(`${detached}; ${waits}`, { timeoutMs: 500 })] })
    await program.says()
    forbid()
    const failure = await program.says<{ code: string; message: string }>()
    permit()
    expect(failure).toMatchObject({ code: 'ERR_LEFT_BEHIND', message: expect.stringMatching(/process \d+/) })
  })

  test('a script runs as that user, and its leftovers end after SIGKILL of the holder', async () => {
    const onEnter = sh('sleep 600 >> "$TEST_SERVICES_LOG" 2>&1 & echo "openjd_env: WHO=$(id -un)"')
    const program = start({ service: { onEnter, onCheck: sh('exit 1') } })
    expect(await program.says()).toEqual({ one: { who: other.name } })
    expect(await program.says()).toBe('ended')
    const killed = start({ service: { onEnter }, actions: [sh(waits)] })
    expect(await killed.says()).toEqual({ one: { who: other.name } })
    await killed.kill()
  })

  test('a command in the terminal runs as it, with its exit code', async () => {
    const program = start({ command: ['sh', '-c', 'echo ""$(id -un)""; exit 5'] })
    expect(await program.line()).toBe(other.name)
    expect(await program.says()).toEqual({ exitCode: 5, signal: null })
    expect(await program.says()).toBe('ended')
  })

  test('a refusal of sudo says what was tried and what permits it, and makes nothing', async () => {
    const program = start({ user: 'nobody', actions: [sh('true')] })
    const { code, message } = await program.says<{ code: string; message: string }>()
    expect(code).toBe('ERR_PERMISSION')
    expect(message).toContain('cannot act as user "nobody": "sudo -n -u nobody -- /bin/sh" said: sudo: ')
    expect(message).toContain(`${caller.name} ALL=(nobody) NOPASSWD: /bin/sh`)
  })

  test('a variable that no shell can set is refused before anything starts', async () => {
    const program = start({ actions: [sh('true', { variables: { 'a.b': 'c' } })] })
    const [outcome] = await outcomesOf(program)
    expect(outcome?.status).toMatchObject({ state: 'failed', failMessage: expect.stringContaining('"a.b"') })
    expect(outcome?.status).not.toHaveProperty('exitCode')
  })
})
