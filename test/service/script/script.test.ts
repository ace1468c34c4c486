import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, describe, expect, test } from 'vitest'
import { type ActionPlan, command, type ServiceError, script } from '../../../src/index.ts'
import { identify, isAlive } from '../../../src/process/inspect/identity.ts'
import { type ActionError, Session, type SessionEvent } from '../../../src/session.ts'
import { caught } from '../../support/caught.ts'
import { useCleanState } from '../../support/left-nothing.ts'
import { program } from '../../support/programs.ts'

const { stateDirectory } = useCleanState()

function sh(text: string, plan: Partial<ActionPlan> = {}): ActionPlan {
  return { command: ['sh', '-c', text], ...plan }
}

const directory = mkdtempSync(join(tmpdir(), 'ts-script-'))
const callLog = join(directory, 'calls')
const call = (what: string): ActionPlan => sh(`echo ${what} >> ${callLog}`)
const calls = (): string[] => (existsSync(callLog) ? readFileSync(callLog, 'utf8').trim().split('\n') : [])
afterEach(() => rmSync(callLog, { force: true }))
afterAll(() => rmSync(directory, { recursive: true }))

describe('the messages of a script', () => {
  test('becomes config, LP_* and plain variables, for those that need it as well', async () => {
    const onEnter = sh(
      'echo openjd_env: URL=x://y; echo openjd_env: MAIN_TOPIC=a; echo openjd_env: GONE=1; echo openjd_unset_env: GONE',
    )
    const broker = script({ onEnter })
    const user = script({
      needs: ['broker'],
      variables: (needs: { broker: { url: string } }) => ({ BROKER: needs.broker.url }),
      onEnter: sh('echo "openjd_env: SEEN=$BROKER"'),
    })
    await using session = new Session({ services: { broker, user } })
    await session.enter()
    expect(session.configs).toEqual({ broker: { url: 'x://y', mainTopic: 'a' }, user: { seen: 'x://y' } })
    expect(session.variables).toMatchObject({ LP_BROKER_MAIN_TOPIC: 'a', MAIN_TOPIC: 'a', URL: 'x://y', SEEN: 'x://y' })
    expect(session.variables).not.toHaveProperty('GONE')
    expect(session.variables).not.toHaveProperty('BROKER')
  })

  test('about progress reach the events of the session', async () => {
    const events: SessionEvent[] = []
    const one = script({ onEnter: sh('echo openjd_status: half; echo openjd_progress: 50') })
    await using session = new Session({ services: { one }, onEvent: (event) => void events.push(event) })
    await session.enter()
    expect(events.map((event) => ('tookMs' in event ? event.kind : event))).toEqual([
      { kind: 'starting', service: 'one' },
      { kind: 'progress', service: 'one', message: 'half' },
      { kind: 'progress', service: 'one', message: 'half', percent: 50 },
      'ready',
    ])
  })

  test('in bytes that are no text is readable for clients, and hidden where it is secret', async () => {
    const onEnter = sh("printf 'openjd_env: A=a\\377\\nopenjd_redacted_env: KEY=ses\\377ame\\n'")
    const onCheck = sh('test "$(printf %s "$A" | wc -c)" = 2 || exit 1; printf "%s\\n" "$KEY"; exit 5')
    await using session = new Session({ services: { one: script({ onEnter, onCheck }) } })
    await session.enter()
    expect(session.variables).toMatchObject({ LP_ONE_A: 'a\ufffd', LP_ONE_KEY: 'ses\ufffdame' })
    const error = await caught<ServiceError>(session.check())
    expect(error.message).toContain('exit status 5')
    expect(error.message).toContain('\n    [onCheck] ********\n')
  })

  test('in secret is in no log, no error and no text about it', async () => {
    const onEnter = sh('echo openjd_redacted_env: KEY=sesame; echo "openjd_env: URL=http://h/?k=sesame"')
    const onCheck = sh('echo "it is sesame"; echo "openjd_fail: no sesame"; exit 1')
    await using session = new Session({ services: { one: script({ onEnter, onCheck }) } })
    await session.enter()
    const service = session.services.get('one')
    expect(session.variables.LP_ONE_KEY).toBe('sesame')
    expect(service?.redact(session.variables.LP_ONE_URL ?? '')).toBe('http://h/?k=********')
    expect(readFileSync(service?.log.path ?? '', 'utf8')).not.toContain('sesame')
    const error = await caught<ServiceError>(session.check())
    expect(error.message).toContain('no ********')
    expect(error.message).not.toContain('sesame')
    expect(readFileSync(error.evidence.logFile ?? '', 'utf8')).not.toContain('sesame')
  })
})

describe('the actions of a script', () => {
  test('are run when their time comes', async () => {
    const one = script({ onEnter: call('enter'), onExit: call('exit'), onCheck: call('check'), onReset: call('reset') })
    const session = new Session({ services: { one } })
    await session.enter()
    await session.check()
    await session.reset()
    await session.end()
    expect(calls()).toEqual(['enter', 'check', 'check', 'reset', 'exit'])
  })

  test('are those that a profile says, in the configured instance', async () => {
    const definition = script({ onEnter: call('enter $COLOUR $LEVEL'), variables: { COLOUR: 'blue', LEVEL: 3 } })
    const profile = { variables: { COLOUR: 'red', LEVEL: 4 }, onExit: call('exit') }
    const service = definition.create({ label: 'ONE', profile })
    for (const uniqueInstance of [false, true]) {
      await service.setUp({ uniqueInstance })
      await service.cleanUp()
    }
    expect(calls()).toEqual(['enter red 4', 'exit', 'enter blue 3'])
  })

  test('see what onEnter has set', async () => {
    const onExit = sh(`echo "exit $PORT_FILE" >> ${callLog}`)
    const session = new Session({ services: { one: script({ onEnter: sh('echo openjd_env: PORT_FILE=p'), onExit }) } })
    await session.enter()
    await session.end()
    expect(calls()).toEqual(['exit p'])
  })

  test('that fail to enter are an error with the log, and are exited all the same', async () => {
    const one = script({ onEnter: sh('echo what went on; echo openjd_fail: no disk; exit 3'), onExit: call('exit') })
    const error = await caught<ServiceError>(new Session({ services: { one } }).enter())
    expect(error).toMatchObject({ code: 'ERR_START', evidence: { label: 'ONE' } })
    expect(error.message).toMatch(/^onEnter of ONE did not succeed: failed, exit status 3: no disk\n/)
    expect(error.message).toContain('what went on')
    expect(error.evidence.logFile).toContain(stateDirectory)
    expect(calls()).toEqual(['exit'])
  })

  test("fail with their directory: the script's own, or one relative to the config", async () => {
    const failure = (directory?: string) => {
      const one = script({ onEnter: { ...sh('pwd; exit 3'), ...(directory && { directory }) } })
      return caught<ServiceError>(new Session({ services: { one }, directory: stateDirectory }).enter())
    }
    const [own, chosen] = [await failure(), await failure('.')]
    expect(own.evidence.logTail?.split('\n')).toContain(own.evidence.directory)
    expect(chosen.message).toContain(`\n  directory: ${stateDirectory}\n`)
  })

  test('name a missing program', async () => {
    const one = script({ onEnter: { command: ['no-such-program'] } })
    expect(await caught(new Session({ services: { one } }).enter())).toMatchObject({
      code: 'ERR_MISSING_BINARY',
      message: expect.stringMatching(/^onEnter of ONE did not succeed: .*cannot run "no-such-program"/),
    })
  })

  test('that take too long to enter are canceled, and exited', async () => {
    const one = script({ onEnter: sh('exec sleep 600'), onExit: call('exit') })
    const error = await caught(new Session({ services: { one } }).enter({ timeoutMs: 300 }))
    expect(error).toMatchObject({ code: 'ERR_DEADLINE' })
    expect(calls()).toEqual(['exit'])
  })

  test('are canceled when the caller gives up', async () => {
    const controller = new AbortController()
    const one = script({ onEnter: sh('echo openjd_status: up; exec sleep 600') })
    const session = new Session({
      services: { one },
      onEvent: ({ kind }) => void (kind === 'progress' && controller.abort()),
    })
    expect(await caught(session.enter({ signal: controller.signal }))).toMatchObject({ code: 'ERR_CANCELED' })
    await session.end()
  })

  test('may leave a process running, which is gone after the end though nobody stops it', async () => {
    const onEnter = sh('sleep 600 >> "$TEST_SERVICES_LOG" 2>&1 & echo "openjd_env: PID=$!"')
    const session = new Session({ services: { one: script({ onEnter }) } })
    await session.enter()
    const pid = Number(session.configs.one?.pid)
    expect(identify(pid)?.pid).toBe(pid)
    await session.end()
    expect(identify(pid)).toBeUndefined()
  })

  test('leave a server whose death check and reset notice, although nothing asks it', async () => {
    const onEnter = sh('echo up >> "$TEST_SERVICES_LOG"; sleep 600 > /dev/null 2>&1 & echo "openjd_env: PID=$!"')
    await using session = new Session({ services: { one: script({ onEnter }) } })
    await session.enter()
    await session.check()
    const identity = identify(Number(session.configs.one?.pid))
    process.kill(identity?.pid ?? -1, 'SIGKILL')
    while (identity && isAlive(identity)) await new Promise((resolve) => setImmediate(resolve))
    for (const asked of [session.check(), session.reset()]) {
      const error = await caught<ServiceError>(asked)
      expect(error).toMatchObject({ code: 'ERR_SERVICE_DIED', evidence: { label: 'ONE' } })
      expect(error.message).toMatch(/^ONE died: nothing that its onEnter left running is alive; [\s\S]*\n {4}up\n/)
    }
  })

  test('leave a server that its launcher starts only after onEnter has ended', async () => {
    const go = join(directory, 'go')
    const launcher = `sh -c "read line < ${go}; sleep 600 &" > /dev/null 2>&1 &`
    const onEnter = sh(`mkfifo ${go}; ${launcher} echo "openjd_env: PID=$!"`)
    await using session = new Session({ services: { one: script({ onEnter }) } })
    await session.enter()
    const identity = identify(Number(session.configs.one?.pid))
    writeFileSync(go, '\n')
    while (identity && isAlive(identity)) await new Promise((resolve) => setImmediate(resolve))
    await session.check()
  })

  test('leave what onEnter has started alone when a check takes too long', async () => {
    const onEnter = sh('sleep 600 > /dev/null 2>&1 & echo "openjd_env: PID=$!"')
    const onCheck = sh('sleep 600', { timeoutMs: 200 })
    await using session = new Session({ services: { one: script({ onEnter, onCheck }) } })
    await session.enter()
    expect(await caught(session.check())).toMatchObject({ code: 'ERR_NOT_ANSWERING' })
    const pid = Number(session.configs.one?.pid)
    expect(identify(pid)?.pid).toBe(pid)
  })

  test('exit in a hurry too, and are killed two seconds later', async () => {
    const services = {
      quick: script({ onEnter: sh('true'), onExit: call('exit') }),
      slow: script({ onEnter: sh('true'), onExit: sh('exec sleep 600') }),
    }
    const session = new Session({ services })
    await session.enter()
    expect(await caught(session.end({ forceSignal: AbortSignal.abort() }))).toMatchObject({
      message: expect.stringMatching(/^onExit of SLOW did not succeed: canceled, signal SIGKILL\n/),
    })
    expect(calls()).toEqual(['exit'])
  })

  test('that fail to exit are an error of the end, and everything else is stopped', async () => {
    const session = new Session({
      services: {
        bad: script({ onEnter: sh('true'), onExit: sh('exit 5') }),
        good: script({ onEnter: sh('true'), onExit: call('exit') }),
      },
    })
    await session.enter()
    const error = await caught<ActionError>(session.end())
    expect(error).toMatchObject({ code: 'ERR_ACTION', evidence: { label: 'BAD' } })
    expect(error.message).toMatch(/^onExit of BAD did not succeed: failed, exit status 5\n[\s\S]*whole log: /)
    expect(calls()).toEqual(['exit'])
  })
})

test('an error that quotes lines written straight into the log shows no secret', async () => {
  const onEnter = sh('echo openjd_redacted_env: PIN=sesame')
  const onCheck = sh('echo "open sesame!" >> "$TEST_SERVICES_LOG"; exit 1')
  await using session = new Session({ services: { one: script({ onEnter, onCheck }) } })
  await session.enter()
  const error = await caught<ServiceError>(session.check())
  expect(error.message).toContain('open ********!')
  expect(error.message).not.toContain('sesame')
})

test('a running script can be attached to: its config is read, nothing is entered', async () => {
  const one = script({ onEnter: { command: ['sh', '-c', `echo enter >> ${callLog}; echo openjd_env: MAIN_URL=x`] } })
  await using holder = new Session({ services: { one } })
  await holder.enter()
  Object.assign(process.env, holder.variables, { LP_PERSISTENT_TEST_SERVICES: 'ONE' })
  try {
    await using client = new Session({ services: { one } })
    await client.enter({ useExisting: true })
    expect(client.configs.one).toEqual({ mainUrl: 'x' })
    expect(client.variables).toMatchObject({ MAIN_URL: 'x', LP_ONE_MAIN_URL: 'x' })
    await client.reset()
  } finally {
    for (const name of [...Object.keys(holder.variables), 'LP_PERSISTENT_TEST_SERVICES']) delete process.env[name]
  }
  expect(calls()).toEqual(['enter'])
})

test('a script can need another service', async () => {
  const web = command({ command: program('serves-http') })
  const client = script({
    needs: ['web'],
    variables: (needs: { web: { url: string } }) => ({ WEB: needs.web.url }),
    onEnter: {
      command: [
        process.execPath,
        '-e',
        'fetch(process.env.WEB).then((r) => console.log("openjd_env: STATUS=" + r.status))',
      ],
    },
  })
  await using session = new Session({ services: { web, client } })
  await session.enter()
  expect(session.configs.client).toEqual({ status: '200' })
})

test.each([
  [{}, 'script().onEnter: missing'],
  [{ onEnter: { command: [] } }, 'script().onEnter.command: expected'],
  [
    { onEnter: sh('x', { timeoutMs: Number.NaN }) },
    'script().onEnter.timeoutMs: expected a number of milliseconds above 0',
  ],
  [{ onEnter: sh('x'), onExist: sh('x') }, 'script().onExist: unknown key (did you mean "onExit"?)'],
])('options that make no sense are refused: %j', (options, message) => {
  expect(() => script(options as never)).toThrow(message)
})
