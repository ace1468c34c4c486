import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, describe, expect, test } from 'vitest'
import { type ActionPlan, type Argv, command, ready, type ServiceError, script } from '../../src/index.ts'
import { identify } from '../../src/process/inspect/identity.ts'
import { type EnvironmentDefinition, Session, type SessionEvent } from '../../src/session.ts'
import { caught } from '../support/caught.ts'
import { expectNothingLeft, processesOf, useCleanState } from '../support/left-nothing.ts'
import { programArgv, startProgram } from '../support/program.ts'
import { program } from '../support/programs.ts'

const { stateDirectory } = useCleanState()

function sh(script: string, plan: Partial<ActionPlan> = {}): ActionPlan {
  return { command: ['sh', '-c', script], ...plan }
}

function says(...lines: readonly string[]): ActionPlan {
  return { command: ['printf', '%s\\n', ...lines] }
}

/** The last lines of the session's log that an action has written. */
function logOf(session: Session): string {
  return readFileSync(session.logFile, 'utf8')
}

/** What a task sees of a variable: `A=1`, or `A is unset`. */
async function seen(session: Session, name: string): Promise<string> {
  const mark = `seen ${Math.random()}`
  const script = `echo '${mark}'; if [ "\${${name}+x}" ]; then echo "${name}=$${name}"; else echo "${name} is unset"; fi`
  expect(await session.runAction(sh(script))).toMatchObject({ state: 'success' })
  return logOf(session).split(`\n${mark}\n`)[1]?.split('\n')[0] ?? ''
}

const calls = mkdtempSync(join(tmpdir(), 'ts-calls-'))
const callLog = join(calls, 'log')
const call = (what: string): ActionPlan => sh(`echo ${what} >> ${callLog}`)
const allCalls = (): string[] => (existsSync(callLog) ? readFileSync(callLog, 'utf8').trim().split('\n') : [])
const environment = (name: string, parts: Partial<EnvironmentDefinition> = {}): EnvironmentDefinition => ({
  name,
  onEnter: call(`enter-${name}`),
  onExit: call(`exit-${name}`),
  ...parts,
})
afterEach(() => rmSync(callLog, { force: true }))
afterAll(() => rmSync(calls, { recursive: true }))

describe('environments', () => {
  test('are exited in reverse at the end, after what was run in them', async () => {
    const session = new Session()
    await session.enterEnvironment(environment('outer'))
    await session.enterEnvironment(environment('inner'))
    await session.runAction(call('task'))
    expect(session.environments).toEqual(['outer', 'inner'])
    await session.end()
    expect(allCalls()).toEqual(['enter-outer', 'enter-inner', 'task', 'exit-inner', 'exit-outer'])
    expect(session.state).toBe('ended')
  })

  test('without an action succeed at once', async () => {
    await using session = new Session()
    expect(await session.enterEnvironment({ id: 'bare' })).toEqual({ id: 'bare', status: { state: 'success' } })
    expect(await session.exitEnvironment({ id: 'bare' })).toEqual({ state: 'success' })
    expect(session.state).toBe('ready')
  })

  test('have unique ids, given or random', async () => {
    await using session = new Session()
    await session.enterEnvironment({ id: 'one' })
    expect(await caught(session.enterEnvironment({ id: 'one' }))).toMatchObject({ code: 'ERR_STATE' })
    const { id } = await session.enterEnvironment({})
    expect(session.environments).toEqual(['one', id])
  })

  test('exited out of order are an error that names the one to exit first', async () => {
    await using session = new Session()
    await session.enterEnvironment({ id: 'outer' })
    await session.enterEnvironment({ id: 'inner' })
    const error = await caught(session.exitEnvironment({ id: 'outer' }))
    expect(error).toMatchObject({
      code: 'ERR_STATE',
      message: expect.stringContaining('"inner" has to be exited first'),
    })
    expect(await caught(session.exitEnvironment({ id: 'other' }))).toMatchObject({ code: 'ERR_STATE' })
    expect(session.environments).toEqual(['outer', 'inner'])
  })

  test('are exited once, and in their turn, during concurrent calls', async () => {
    const stubborn = script({ onEnter: sh('true'), onExit: sh(`sleep 0.2; echo stopped >> ${callLog}`) })
    const session = new Session({ services: { stubborn } })
    await session.enterEnvironment(environment('outer'))
    await session.enterEnvironment(environment('inner'))
    await session.enter()
    const exiting = session.exitEnvironment({ id: 'inner' })
    expect(await caught(session.exitEnvironment({ id: 'inner' }))).toMatchObject({ code: 'ERR_STATE' })
    expect(await caught(session.runAction(call('task')))).toMatchObject({ code: 'ERR_STATE' })
    await session.end()
    expect(await exiting).toMatchObject({ state: 'success' })
    expect(allCalls()).toEqual(['enter-outer', 'enter-inner', 'stopped', 'exit-inner', 'exit-outer'])
  })

  test('are exited when their enter fails, and nothing else runs', async () => {
    const session = new Session()
    const { status } = await session.enterEnvironment(environment('bad', { onEnter: sh('exit 3') }))
    expect(status).toMatchObject({ state: 'failed', exitCode: 3 })
    expect(session.state).toBe('ready-ending')
    expect(await caught(session.runAction(call('task')))).toMatchObject({ code: 'ERR_STATE' })
    expect(await caught(session.enterEnvironment(environment('next')))).toMatchObject({ code: 'ERR_STATE' })
    await session.end()
    expect(allCalls()).toEqual(['exit-bad'])
  })

  test('that leave a process running have it until they are exited', async () => {
    await using session = new Session()
    const pidFile = join(calls, 'pid')
    const onEnter = sh(`sleep 600 > /dev/null 2>&1 & echo $! > ${pidFile}`)
    await session.enterEnvironment({ id: 'daemon', onEnter, onExit: sh(`kill -0 $(cat ${pidFile})`) })
    const pid = Number(readFileSync(pidFile, 'utf8'))
    expect(await session.runAction(sh(`kill -0 ${pid}`))).toMatchObject({ state: 'success' })
    expect(await session.exitEnvironment({ id: 'daemon' })).toMatchObject({ state: 'success' })
    expect(identify(pid)).toBeUndefined()
  })

  test('get their embedded files in both actions', async () => {
    await using session = new Session()
    const cat: ActionPlan = { command: ({ files }) => ['cat', files.greeting ?? ''] }
    const embeddedFiles = { greeting: { data: 'hello there\n' } }
    await session.enterEnvironment({ id: 'files', embeddedFiles, onEnter: cat, onExit: cat })
    expect(await session.exitEnvironment({ id: 'files' })).toMatchObject({ state: 'success' })
    expect(logOf(session).match(/^hello there$/gm)).toHaveLength(2)
  })

  test('fail before anything starts when a file cannot be written, and are exited', async () => {
    const session = new Session()
    const embeddedFiles = { bad: { data: () => raise('no content') } }
    const { status } = await session.enterEnvironment(
      environment('bad', { onEnter: { ...call('enter-bad'), embeddedFiles } }),
    )
    expect(status).toMatchObject({ state: 'failed', failMessage: expect.stringContaining('no content') })
    await session.end()
    expect(allCalls()).toEqual(['exit-bad'])
  })
})

function raise(message: string): never {
  throw new Error(message)
}

describe('variables', () => {
  test('come from process, session, action and each environment, low to high', async () => {
    process.env.LAYER = 'process'
    const variables = { LAYER: 'action' }
    const echo = sh('echo "layer $LAYER"')
    await using bare = new Session()
    await bare.runAction(echo)
    await using session = new Session({ environment: { LAYER: 'session' } })
    await session.runAction(echo)
    await session.runAction({ ...echo, variables })
    await session.enterEnvironment({ id: 'outer', variables: { LAYER: 'outer' } })
    await session.runAction({ ...echo, variables })
    await session.enterEnvironment({ id: 'inner', variables: { LAYER: 'inner' } })
    await session.runAction({ ...echo, variables })
    const layers = [...(logOf(bare) + logOf(session)).matchAll(/^layer (\w+)$/gm)].map(([, layer]) => layer)
    delete process.env.LAYER
    expect(layers).toEqual(['process', 'session', 'action', 'outer', 'inner'])
  })

  test('set by a message override declared ones, and later ones earlier ones', async () => {
    await using session = new Session()
    const onEnter = says('openjd_env: A=message', 'openjd_env: B=1', 'openjd_env: "B=two\\nlines"')
    await session.enterEnvironment({ id: 'one', variables: { A: 'declared' }, onEnter })
    expect(await seen(session, 'A')).toBe('A=message')
    expect(await seen(session, 'B')).toBe('B=two')
  })

  test('unset within hide outer ones, and leaving brings them back', async () => {
    await using session = new Session()
    await session.enterEnvironment({ id: 'outer', variables: { A: 'outer', B: 'outer' } })
    await session.enterEnvironment({ id: 'inner', variables: { B: null }, onEnter: says('openjd_unset_env: A') })
    expect(await seen(session, 'A')).toBe('A is unset')
    expect(await seen(session, 'B')).toBe('B is unset')
    await session.exitEnvironment({ id: 'inner' })
    expect(await seen(session, 'A')).toBe('A=outer')
    expect(await seen(session, 'B')).toBe('B=outer')
  })

  test('that an environment sets are there in its own actions, and gone after it', async () => {
    await using session = new Session()
    const test = sh('test "$A$B" = 12')
    await session.enterEnvironment({ id: 'one', variables: { A: '1', B: '2' }, onEnter: test, onExit: test })
    expect(await session.exitEnvironment({ id: 'one' })).toMatchObject({ state: 'success' })
    expect(await seen(session, 'A')).toBe('A is unset')
  })

  test('are not changed by what a task says', async () => {
    await using session = new Session()
    await session.runAction(says('openjd_env: A=1'))
    expect(await seen(session, 'A')).toBe('A is unset')
  })

  test('reach the services entered in their environment, below those that these declare', async () => {
    const tells = (name: string, variable: string): string =>
      `echo "openjd_env: ${name}_${variable}=\${${variable}-unset}"`
    const echo = (name: string): ActionPlan => sh(['OUTER', 'INNER', 'HOME'].map((each) => tells(name, each)).join(';'))
    const web = command({ command: program('serves-environment'), environment: { OWN: 'own' } })
    const services = { before: script({ onEnter: echo('BEFORE') }), inside: script({ onEnter: echo('INSIDE') }), web }
    await using session = new Session({ services })
    await session.enter({ only: ['before'] })
    await session.enterEnvironment({ id: 'outer', variables: { OUTER: 'outer', INNER: 'outer', OWN: 'outer' } })
    await session.enterEnvironment({ id: 'inner', variables: { HOME: null }, onEnter: says('openjd_env: INNER=inner') })
    await session.enter()
    expect(session.configs.before).toMatchObject({ beforeOuter: 'unset', beforeInner: 'unset' })
    expect(session.configs.inside).toEqual({ insideOuter: 'outer', insideInner: 'inner', insideHome: 'unset' })
    const { environment: seenByWeb } = JSON.parse(await (await fetch(session.configs.web?.url ?? '')).text())
    expect(seenByWeb).toMatchObject({ OUTER: 'outer', INNER: 'inner', OWN: 'own' })
    expect(seenByWeb).not.toHaveProperty('HOME')
    await session.exitEnvironment({ id: 'inner' })
    expect([...session.services.keys()]).toEqual(['before'])
  })

  test('name the working directory', async () => {
    await using session = new Session()
    await session.runAction(sh('test "$OPENJD_SESSION_WORKING_DIR" = "$PWD"'))
    expect(session.actionStatus).toMatchObject({ state: 'success' })
    expect(await seen(session, 'OPENJD_SESSION_WORKING_DIR')).toBe(
      `OPENJD_SESSION_WORKING_DIR=${session.workingDirectory}`,
    )
  })

  test('that are secret are in no log and no event', async () => {
    const events: SessionEvent[] = []
    await using session = new Session({ onEvent: (event) => void events.push(event) })
    await session.enterEnvironment({ id: 'one', onEnter: says('openjd_redacted_env: KEY=sesame') })
    await session.runAction(sh('echo "it is $KEY"; echo "openjd_fail: $KEY"'))
    expect(logOf(session)).toContain('it is ********')
    expect(logOf(session) + JSON.stringify(events)).not.toContain('sesame')
    expect(events).toContainEqual({ kind: 'variables', environment: 'one', changes: { KEY: '********' } })
  })
})

test('a secret of an environment is in no error and no log of a service within it', async () => {
  const text = 'echo "open $KEY!"; exit 3'
  const services = {
    server: command({ command: ['sh', '-c', text], port: false, ready: ready.log('never') }),
    one: script({ onEnter: sh(text) }),
  }
  await using session = new Session({ services })
  await session.enterEnvironment({ id: 'one', onEnter: says('openjd_redacted_env: KEY=sesame') })
  for (const only of ['server', 'one']) {
    const error = await caught<ServiceError>(session.enter({ only: [only] }))
    expect(error.message).toContain('open ********!')
    expect(error.message).not.toContain('sesame')
  }
})

describe('the working directory', () => {
  test('is for this user alone, is where actions run, and is removed at the end', async () => {
    const session = new Session()
    await session.runAction(sh('pwd; touch made-here'))
    const { workingDirectory } = session
    expect(statSync(workingDirectory).mode & 0o777).toBe(0o700)
    expect(readdirSync(workingDirectory)).toContain('made-here')
    await session.end()
    expect(existsSync(workingDirectory)).toBe(false)
  })

  test('is kept when that is asked for', async () => {
    const session = new Session({ keepsDirectory: true })
    await session.runAction(sh('touch made-here'))
    const { workingDirectory } = session
    await session.end()
    expect(readdirSync(workingDirectory)).toContain('made-here')
    rmSync(workingDirectory, { recursive: true })
  })

  test('has the path mapping rules, the longest source first', async () => {
    const session = new Session({
      pathMappingRules: [
        { source: '/a', destination: '/x' },
        { source: 'C:\\a\\b\\c', destination: '/z', format: 'WINDOWS' },
        { source: '/a/b', destination: '/y' },
      ],
    })
    await session.runAction({ command: ({ pathMappingFile }) => ['sh', '-c', `cat "${pathMappingFile}"; echo`] })
    const line =
      logOf(session)
        .split('\n')
        .find((each) => each.startsWith('{')) ?? ''
    await session.end()
    expect(JSON.parse(line)).toEqual({
      version: 'pathmapping-1.0',
      path_mapping_rules: [
        { source_path_format: 'WINDOWS', source_path: 'C:\\a\\b\\c', destination_path: '/z' },
        { source_path_format: 'POSIX', source_path: '/a/b', destination_path: '/y' },
        { source_path_format: 'POSIX', source_path: '/a', destination_path: '/x' },
      ],
    })
  })

  test('has an empty object where there are no rules', async () => {
    await using session = new Session()
    await session.runAction({ command: ({ pathMappingFile }) => ['cat', pathMappingFile] })
    expect(logOf(session)).toMatch(/^\{\}$/m)
  })
})

describe('states', () => {
  test('are ready, running, canceling, ready-ending, ended', async () => {
    const states: string[] = []
    const session = new Session({ onEvent: (event) => void (event.kind === 'session' && states.push(event.state)) })
    await session.runAction(says('fine'))
    const running = session.runAction(sh('echo openjd_status: up; exec sleep 600'))
    for await (const event of session) if (event.kind === 'action' && event.status.statusMessage === 'up') break
    session.cancel()
    expect(session.state).toBe('canceling')
    expect(await running).toMatchObject({ state: 'canceled' })
    await session.end()
    expect(states).toEqual(['running', 'ready', 'running', 'canceling', 'ready-ending', 'ended'])
  })

  test('refuse to run while running or ended, and to cancel while nothing runs', async () => {
    const session = new Session()
    expect(() => session.cancel()).toThrow(expect.objectContaining({ code: 'ERR_STATE' }))
    const running = session.runAction(sh('exec sleep 600'))
    expect(await caught(session.runAction(says('x')))).toMatchObject({ code: 'ERR_STATE' })
    expect(await caught(session.enterEnvironment({}))).toMatchObject({ code: 'ERR_STATE' })
    session.cancel()
    await running
    await session.end()
    expect(await caught(session.runAction(says('x')))).toMatchObject({ code: 'ERR_STATE' })
    expect(() => session.cancel()).toThrow(expect.objectContaining({ code: 'ERR_STATE' }))
  })

  test('an action that fails leaves only exits, unless told otherwise', async () => {
    await using strict = new Session()
    await strict.runAction(sh('exit 1'))
    expect(await caught(strict.runAction(says('x')))).toMatchObject({ code: 'ERR_STATE' })
    await using lenient = new Session({ continuesAfterFailure: true })
    await lenient.runAction(sh('exit 1'))
    expect(await lenient.runAction(says('x'))).toMatchObject({ state: 'success' })
  })

  test('a signal cancels its action', async () => {
    const controller = new AbortController()
    await using other = new Session({ continuesAfterFailure: true })
    expect(await other.runAction({ ...sh('sleep 600'), signal: AbortSignal.abort() })).toMatchObject({
      state: 'canceled',
    })
    const canceled = other.runAction({ ...sh('exec sleep 600'), signal: controller.signal })
    controller.abort()
    expect(await canceled).toMatchObject({ state: 'canceled' })
  })
})

describe('the end', () => {
  test('in the middle of an action cancels it, exits everything, removes the directory', async () => {
    const session = new Session()
    await session.enterEnvironment(environment('outer'))
    const running = session.runAction(sh('echo openjd_status: up; exec sleep 600'))
    for await (const event of session) if (event.kind === 'action' && event.status.statusMessage === 'up') break
    const { workingDirectory } = session
    await session.end()
    expect(await running).toMatchObject({ state: 'canceled' })
    expect(allCalls()).toEqual(['enter-outer', 'exit-outer'])
    expect(existsSync(workingDirectory)).toBe(false)
    expect(processesOf(stateDirectory)).toEqual([])
  })

  test('comes when the signal of the session fires, and ends the iteration', async () => {
    const controller = new AbortController()
    const session = new Session({ signal: controller.signal })
    const kinds: string[] = []
    const reading = (async () => {
      for await (const event of session) kinds.push(event.kind)
    })()
    await session.enterEnvironment(environment('outer'))
    controller.abort()
    await session.ended
    await reading
    expect(session.state).toBe('ended')
    expect(kinds.at(-1)).toBe('session')
    expect(allCalls()).toEqual(['enter-outer', 'exit-outer'])
  })

  test('tells an exit that did not succeed, after all others have been tried', async () => {
    const session = new Session()
    await session.enterEnvironment(environment('outer'))
    await session.enterEnvironment(environment('bad', { onExit: sh('echo openjd_fail: stuck; exit 4') }))
    const error = await caught(session.end())
    expect(error).toMatchObject({ code: 'ERR_ACTION' })
    expect(error.message).toMatch(/^exiting bad did not succeed: failed, exit status 4: stuck\n/)
    expect(allCalls()).toEqual(['enter-outer', 'enter-bad', 'exit-outer'])
  })

  test('in a hurry begins every exit in reverse, kills exits after 2 s, and names these', async () => {
    const session = new Session()
    const slow = { onExit: sh(`echo exit-slow >> ${callLog}; exec sleep 600`) }
    await session.enterEnvironment(environment('outer'))
    await session.enterEnvironment({ name: 'slow', ...slow })
    await session.enterEnvironment({ name: 'slower', ...slow })
    await session.enterEnvironment(environment('inner'))
    const startedAt = performance.now()
    const error = await caught<AggregateError>(session.end({ forceSignal: AbortSignal.abort() }))
    expect(performance.now() - startedAt).toBeLessThan(5_000)
    expect(error.errors.map(({ message }) => message.split('\n')[0])).toEqual([
      'exiting slower did not succeed: canceled, signal SIGKILL',
      'exiting slow did not succeed: canceled, signal SIGKILL',
    ])
    expect(allCalls()).toEqual(['enter-outer', 'enter-inner', 'exit-inner', 'exit-slow', 'exit-slow', 'exit-outer'])
  })

  test('that becomes a hurry in the middle of an exit lets it go on for a moment', async () => {
    const session = new Session()
    const forceSignal = new AbortController()
    const onExit = sh(`echo openjd_status: up; sleep 0.1; echo exited >> ${callLog}`)
    await session.enterEnvironment({ name: 'one', onExit })
    const events = session[Symbol.asyncIterator]()
    const ending = session.end({ forceSignal: forceSignal.signal })
    for (let event = await events.next(); !event.done; event = await events.next())
      if (event.value.kind === 'action' && event.value.status.statusMessage === 'up') forceSignal.abort()
    await ending
    expect(allCalls()).toEqual(['exited'])
  })

  test('by SIGKILL of the holder leaves nothing either, and exits what was entered', async () => {
    const env = { ...process.env, EXIT_FILE: callLog }
    const holder = startProgram(programArgv('holds-a-session.ts'), { env })
    const { directory, pid } = JSON.parse(await holder.line())
    expect(existsSync(directory)).toBe(true)
    await holder.kill()
    await expectNothingLeft(stateDirectory)
    expect(existsSync(directory)).toBe(false)
    expect(identify(pid)).toBeUndefined()
    expect(allCalls()).toEqual(['exited with 1'])
  })

  test('by SIGKILL of the holder begins every exit in reverse, and ends in time', async () => {
    const holder = startProgram(programArgv('holds-slow-exits.ts', '4'), {
      env: { ...process.env, EXIT_FILE: callLog },
    })
    const { directory } = JSON.parse(await holder.line())
    await holder.kill()
    await expectNothingLeft(stateDirectory)
    expect(existsSync(directory)).toBe(false)
    expect(allCalls()).toEqual(['exit 4', 'exit 3', 'exit 2', 'exit 1'])
  })
})

test('an iteration gives the states, progress and messages of actions in order', async () => {
  await using session = new Session()
  const events: unknown[] = []
  const reading = (async () => {
    for await (const event of session) if (event.kind !== 'output') events.push(event)
  })()
  await session.enterEnvironment({
    id: 'one',
    onEnter: says('openjd_progress: 50', 'openjd_env: A=1', 'openjd_session_runtime_loglevel: ERROR'),
  })
  await session.end()
  await reading
  const action = 'entering one'
  expect(events).toEqual([
    { kind: 'session', state: 'running' },
    { kind: 'action', action, status: { state: 'running' } },
    { kind: 'action', action, status: { state: 'running', progress: 50 } },
    { kind: 'variables', environment: 'one', changes: { A: '1' } },
    { kind: 'loglevel', action, level: 'ERROR' },
    { kind: 'action', action, status: { state: 'success', progress: 50, exitCode: 0 } },
    { kind: 'session', state: 'ready' },
    { kind: 'session', state: 'running' },
    { kind: 'action', action: 'exiting one', status: { state: 'success' } },
    { kind: 'session', state: 'ready' },
    { kind: 'session', state: 'ended' },
  ])
})

test('a command in the terminal is an action too', async () => {
  await using session = new Session({ continuesAfterFailure: true })
  const argv: Argv = ['sh', '-c', 'test "$A" = 1; exit $((4 + $?))']
  await session.enterEnvironment({ id: 'one', variables: { A: '1' } })
  expect(await session.run({ argv })).toEqual({ exitCode: 4, signal: null })
  expect(await session.run({ argv: ['sh', '-c', 'kill -KILL $$'] })).toEqual({ exitCode: null, signal: 'SIGKILL' })
  expect(await caught(session.run({ argv: ['no-such-program'] }))).toMatchObject({ code: 'ERR_MISSING_BINARY' })
})

test('a value with bytes that are no text reaches the actions after it as it was said', async () => {
  await using session = new Session()
  await session.enterEnvironment({ onEnter: { command: ['printf', 'openjd_env: A=\\377a\\\\0101\\303\\n'] } })
  const { state } = await session.runAction({
    command: ['sh', '-c', 'printf %s "$A" | od -An -tx1 | tr -d " \\n"; echo; test "$(printf %s "$A" | wc -c)" = 8'],
  })
  expect(readFileSync(session.logFile, 'utf8')).toContain('\nff615c30313031c3\n')
  expect(state).toBe('success')
})

test('the functions of an exit are called once, and the exit runs what they gave', async () => {
  const calls: string[] = []
  const data = ({ main = '' }: Readonly<Record<string, string>>): string => {
    calls.push('data')
    return `echo "$1" > ${stateDirectory}/exited; echo ${main}`
  }
  const onExit: ActionPlan = {
    embeddedFiles: { main: { data } },
    command: ({ files }) => ['sh', files.main ?? '', `call ${calls.push('command')}`],
  }
  const session = new Session()
  await session.enterEnvironment({ onExit })
  await session.end()
  expect(calls).toEqual(['data', 'command'])
  expect(readFileSync(join(stateDirectory, 'exited'), 'utf8')).toBe('call 2\n')
  rmSync(join(stateDirectory, 'exited'))
})

describe('the options of a call', () => {
  const shows = sh('echo "A=$A B=$B"')

  test('variables for the action of one enter or exit, below those of the environments', async () => {
    await using session = new Session()
    const callVariables = { A: 'call', B: 'call' }
    await session.enterEnvironment({ id: 'one', variables: { B: 'one' }, onEnter: shows, onExit: shows, callVariables })
    await session.runAction(shows)
    await session.exitEnvironment({ id: 'one', callVariables: { A: 'exit' } })
    const shown = logOf(session)
      .split('\n')
      .filter((line) => line.startsWith('A='))
    expect(shown).toEqual(['A=call B=one', 'A= B=one', 'A=exit B=one'])
  })

  test('that an action is not to have the variables of the environments', async () => {
    await using session = new Session({ environment: { B: 'session' } })
    await session.enterEnvironment({ variables: { A: 'one', B: 'one' } })
    await session.runAction({ ...shows, ignoresEnvironments: true })
    expect(logOf(session)).toContain('\nA= B=session\n')
  })
})

describe('a session', () => {
  test('has its id and its root directory in the place of its actions', async () => {
    const rootDirectory = mkdtempSync(join(tmpdir(), 'ts-root-'))
    {
      await using session = new Session({ id: 'nightly-5', rootDirectory })
      await session.runAction(says('x'))
      expect(session.id).toBe('nightly-5')
      expect(session.workingDirectory).toMatch(new RegExp(`^${rootDirectory}/test-services-session-nightly-5-\\w+$`))
    }
    expect(readdirSync(rootDirectory)).toEqual([])
    rmSync(rootDirectory, { recursive: true })
    await using lost = new Session({ rootDirectory })
    const message = `rootDirectory: expected a directory that exists, but got "${rootDirectory}"`
    expect(await caught(lost.runAction(says('x')))).toMatchObject({ code: 'ERR_CONFIG', message })
    expect(() => new Session({ id: 'a/b' })).toThrow('new Session().id: expected at most 64 letters')
  })

  test('maps paths by its rules: the longest source, whole parts, Windows without case', () => {
    const session = new Session({
      pathMappingRules: [
        { source: '/a', destination: '/x' },
        { source: '/a/b', destination: '/y/' },
        { source: 'C:\\Shows', destination: '/shows', format: 'WINDOWS' },
        { source: '\\\\server\\share', destination: '/share', format: 'WINDOWS' },
      ],
    })
    const mapped = ['/a/c', '/a/b', '/a//b/./c/', '/ab/c', 'a/c', 'c:/shows\\Ep 1\\', 'C:\\Showsx', '//SERVER/Share/f']
    expect(mapped.map((path) => session.mapPath(path))).toEqual([
      '/x/c',
      '/y',
      '/y/c/',
      '/ab/c',
      'a/c',
      '/shows/Ep 1/',
      'C:\\Showsx',
      '/share/f',
    ])
  })
})

describe('the log', () => {
  test('comes as events, line by line, with secrets replaced', async () => {
    const lines: string[] = []
    await using session = new Session({
      onEvent: (event) =>
        void (event.kind === 'output' && lines.push(...event.lines.map((line) => `${event.action}: ${line}`))),
    })
    await session.enterEnvironment({ name: 'db', onEnter: says('one', 'openjd_redacted_env: A=sesame', 'sesame') })
    await session.runAction({ name: 'seed', ...sh('printf "no end"') })
    expect(lines).toEqual([
      'entering db: one',
      'entering db: openjd_redacted_env: A=********',
      'entering db: ********',
      'seed: no end',
    ])
  })

  test('outlives a failed session: property, event and error name the log', async () => {
    const files: string[] = []
    const session = new Session({ onEvent: (event) => void (event.kind === 'log' && files.push(event.file)) })
    await session.enterEnvironment({ name: 'db', onExit: sh('echo why it failed; exit 4') })
    const error = await caught(session.end())
    expect(error).toMatchObject({ code: 'ERR_ACTION', evidence: { label: 'db', logFile: session.logFile } })
    expect(error.message).toContain('why it failed')
    expect(error.message).toContain(`whole log: ${session.logFile}`)
    expect(files).toEqual([session.logFile])
    expect(logOf(session)).toContain('\nwhy it failed\n')
  })

  test('is gone with a session that succeeded', async () => {
    const session = new Session()
    await session.runAction(says('x'))
    await session.end()
    expect(() => session.logFile).toThrow(
      expect.objectContaining({ code: 'ERR_STATE', message: expect.stringContaining('is gone') }),
    )
  })
})
