import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, describe, expect, test } from 'vitest'
import {
  type ActionPlan,
  type ScriptConfig,
  type ScriptOptions,
  type ServiceDefinition,
  type ServiceError,
  script,
} from '../../../src/index.ts'
import { identify, isAlive } from '../../../src/process/inspect/identity.ts'
import { Session, type SessionEvent } from '../../../src/session.ts'
import { caught } from '../../support/caught.ts'
import { eventually } from '../../support/eventually.ts'
import { useCleanState } from '../../support/left-nothing.ts'
import { programArgv, startProgram } from '../../support/program.ts'
import { program } from '../../support/programs.ts'

const { stateDirectory } = useCleanState()

function sh(text: string, plan: Partial<ActionPlan> = {}): ActionPlan {
  return { command: ['sh', '-c', text], ...plan }
}

const directory = mkdtempSync(join(tmpdir(), 'ts-running-'))
const callLog = join(directory, 'calls')
const says = (what: string): string => `echo ${what} >> ${callLog}`
const calls = (): string[] => (existsSync(callLog) ? readFileSync(callLog, 'utf8').trim().split('\n') : [])
afterEach(() => rmSync(callLog, { force: true }))
afterAll(() => rmSync(directory, { recursive: true }))

const serves: ActionPlan = { command: program('serves-http') }
const stays = 'exec sleep 600'
const readyLine = 'echo "openjd_service_ready: listening"'
const stdout = { type: 'STDOUT' } as const

interface Held {
  readonly session: Session<{ one: ServiceDefinition<ScriptConfig> }>
  readonly events: SessionEvent[]
  readonly health: () => readonly string[]
  /** Resolves with the first change to this state from now on. */
  readonly becomes: (state: string) => Promise<SessionEvent>
}

/** A session with this script in it, which may still have to be entered. */
function holding(options: ScriptOptions): Held {
  const events: SessionEvent[] = []
  const waiting = new Set<(event: SessionEvent) => void>()
  const session = new Session({
    services: { one: script(options) },
    onEvent: (event) => {
      events.push(event)
      for (const hear of waiting) hear(event)
    },
  })
  const becomes = (state: string): Promise<SessionEvent> =>
    new Promise((resolve) => {
      const hear = (event: SessionEvent): void => {
        if (event.kind !== 'health' || event.state !== state) return
        waiting.delete(hear)
        resolve(event)
      }
      waiting.add(hear)
    })
  const health = () => events.flatMap((event) => (event.kind === 'health' ? [event.state] : []))
  return { session, events, health, becomes }
}

describe('onRun', () => {
  test('is ready when its port accepts connections, and clients know where', async () => {
    const { session, health } = holding({ ports: { http: {} }, onRun: serves })
    await session.enter()
    const { httpPort, httpAddress } = session.configs.one as Record<string, string>
    expect((await fetch(`http://${httpAddress}:${httpPort}`)).status).toBe(200)
    expect(session.variables).toMatchObject({ LP_ONE_HTTP_PORT: httpPort, LP_ONE_HTTP_ADDRESS: '127.0.0.1' })
    expect(session.variables).not.toHaveProperty('HTTP_PORT')
    const service = session.services.get('one')
    expect(service?.health).toBe('READY')
    expect(identify(service?.pid ?? -1)).toBeDefined()
    expect(Number(readFileSync(service?.files.pidFile ?? '', 'utf8'))).toBe(service?.pid)
    await session.check()
    await session.end()
    await expect(fetch(`http://${httpAddress}:${httpPort}`)).rejects.toThrow('fetch failed')
    expect(health()).toEqual(['READY'])
  })

  test('knows its ports by variables and by functions, as onEnter does', async () => {
    const { session } = holding({
      ports: {
        http: {},
        'ad-min': { bindAddress: '0.0.0.0', connectAddress: 'localhost' },
        stats: { protocol: 'UDP' },
      },
      onEnter: sh('echo "openjd_env: URL=http://$HTTP_CONNECT_ADDRESS:$HTTP_PORT"; echo "openjd_env: SECRET=s"'),
      onRun: {
        command: ({ ports }) => [
          'sh',
          '-c',
          `echo "$1 $HTTP_PORT $AD_MIN_BIND_ADDRESS $AD_MIN_CONNECT_ADDRESS $STATS_PORT $SECRET \${PORT-none}"; ${readyLine}; ${stays}`,
          'sh',
          String(ports.http?.port),
        ],
      },
      healthCheck: stdout,
    })
    await session.enter()
    const { url, httpPort, adMinPort, adMinAddress, statsPort } = session.configs.one as Record<string, string>
    expect(url).toBe(`http://127.0.0.1:${httpPort}`)
    expect(adMinPort).toMatch(/^\d+$/)
    expect(adMinAddress).toBe('localhost')
    expect(session.services.get('one')?.log.tail()).toContain(
      `\n${httpPort} ${httpPort} 0.0.0.0 localhost ${statsPort} s none\n`,
    )
    await session.end()
  })

  test('that ends while starting is an error with its status and its log', async () => {
    const { session, health } = holding({
      ports: { http: {} },
      onRun: sh('echo no disk; exit 3'),
      onExit: sh(says('exit')),
    })
    const error = await caught<ServiceError>(session.enter())
    expect(error).toMatchObject({ code: 'ERR_START', evidence: { label: 'ONE' } })
    expect(error.message).toMatch(
      /^ONE: its onRun ended \(failed, exit status 3\) while starting, before a connection to http/,
    )
    expect(error.message).toContain('no disk')
    expect(health()).toEqual(['FAILED'])
    expect(calls()).toEqual(['exit'])
    await session.end()
  })

  test.each([
    ['by its own limit', { readinessTimeoutMs: 1_500 }, {}, 'healthCheck.readinessTimeoutMs'],
    ['by that of the start', {}, { timeoutMs: 1_500 }, 'timeoutMs of start(), of testServices() in Vitest'],
  ])('that is never ready is given up %s', async (_, limits, start, advice) => {
    const { session } = holding({
      ports: { http: {} },
      onRun: sh(stays),
      healthCheck: { type: 'TCP_CONNECT', ...limits },
    })
    const error = await caught(session.enter(start))
    expect(error).toMatchObject({ code: 'ERR_NOT_READY' })
    expect(error.message).toMatch(
      /not ready within 1500 ms: still waiting for a connection to http \(last answer: .*ECONNREFUSED/,
    )
    expect(error.message).toContain(advice)
    await session.end()
  })

  test('is an error when another process has its port', async () => {
    const other = createServer().listen(0, '127.0.0.1')
    await new Promise((resolve) => other.once('listening', resolve))
    const { port } = other.address() as { port: number }
    const { session } = holding({ ports: { http: { port } }, onRun: sh(stays) })
    expect(await caught(session.enter())).toMatchObject({
      code: 'ERR_PORT_TAKEN',
      message: expect.stringContaining(`${port}`),
    })
    other.close()
    await session.end()
  })

  test('is stopped by its own cancelation, and exited after that', async () => {
    const { session } = holding({
      healthCheck: stdout,
      onRun: sh(`trap '${says('stopped')}; exit 0' TERM; ${readyLine}; while :; do sleep 0.02; done`, {
        cancelation: { mode: 'notify-then-terminate' },
      }),
      onExit: sh(says('exit')),
    })
    await session.enter()
    await session.end()
    expect(calls()).toEqual(['stopped', 'exit'])
  })

  test('that dies is an event, and an error of check and reset with its log', async () => {
    const { session, health, events, becomes } = holding({
      healthCheck: stdout,
      onRun: sh(`${readyLine}; while ! [ -e ${directory}/die ]; do sleep 0.02; done; echo last words; exit 7`),
    })
    await session.enter()
    const failed = becomes('FAILED')
    writeFileSync(join(directory, 'die'), '')
    expect(await failed).toMatchObject({ service: 'one', reason: expect.stringContaining('exit status 7') })
    rmSync(join(directory, 'die'))
    for (const asked of [session.check(), session.reset()]) {
      const error = await caught<ServiceError>(asked)
      expect(error.code).toBe('ERR_SERVICE_DIED')
      expect(error.message).toMatch(/^ONE died: its onRun ended \(failed, exit status 7\) after it was ready/)
      expect(error.message).toContain('last words')
      expect(error.evidence.logFile).toContain(stateDirectory)
    }
    expect(session.services.get('one')?.health).toBe('FAILED')
    expect(health()).toEqual(['READY', 'FAILED'])
    expect(events.at(-1)).toMatchObject({ kind: 'died', service: 'one' })
    await session.end()
  })

  test('that was killed a moment ago is noticed by the next reset', async () => {
    const { session } = holding({ healthCheck: stdout, onRun: sh(`${readyLine}; ${stays}`) })
    await session.enter()
    const identity = identify(session.services.get('one')?.pid ?? -1)
    process.kill(identity?.pid ?? -1, 'SIGKILL')
    // Nothing else runs meanwhile: the event loop does not know of the end yet.
    while (identity && isAlive(identity));
    expect(await caught(session.reset())).toMatchObject({ code: 'ERR_SERVICE_DIED' })
    await session.end()
  })

  test('that dies beside a process with its output is noticed at once', async () => {
    const { session, becomes } = holding({
      healthCheck: stdout,
      onRun: sh(`sleep 600 & echo $! > ${directory}/held; ${readyLine}; wait`),
    })
    await session.enter()
    const failed = becomes('FAILED')
    const startedAt = performance.now()
    process.kill(session.services.get('one')?.pid ?? -1, 'SIGKILL')
    await failed
    expect(performance.now() - startedAt).toBeLessThan(4_000)
    const held = identify(Number(readFileSync(join(directory, 'held'), 'utf8')))
    expect(held && isAlive(held)).toBeFalsy()
    await session.end()
  })

  test('says what sets variables in vain, and nothing malformed ends it', async () => {
    const { session } = holding({
      healthCheck: stdout,
      onRun: sh(`echo openjd_env: A=b; echo openjd_env: nonsense; ${readyLine}; ${stays}`),
    })
    await session.enter()
    expect(session.configs.one).toEqual({})
    await session.check()
    expect(session.services.get('one')?.log.tail()).toContain(
      'openjd_env has no effect in onRun: only onEnter sets variables',
    )
    await session.end()
  })
})

test('a program that comes to its end is not kept alive by onRun, which ends with it', async () => {
  const started = startProgram(programArgv('leaves-a-script-running.ts'))
  const identity = identify(Number(await started.line()))
  const [code] = await once(started.child, 'exit')
  expect(code).toBe(0)
  await eventually('its onRun has ended', () => !identity || !isAlive(identity))
})

test('a client that is attached notices the death of a script that somebody else holds', async () => {
  const { session } = holding({ ports: { http: {} }, onRun: serves })
  await session.enter()
  const environment = { ...session.variables, LP_PERSISTENT_TEST_SERVICES: 'ONE' }
  await using client = script({ ports: { http: {} }, onRun: serves }).create({ label: 'ONE', environment })
  await client.setUp({ useExisting: true })
  expect(client.serviceConfig).toEqual(session.configs.one)
  await client.check()
  const identity = identify(session.services.get('one')?.pid ?? -1)
  process.kill(identity?.pid ?? -1, 'SIGKILL')
  while (identity && isAlive(identity)) await new Promise((resolve) => setImmediate(resolve))
  expect(await caught(client.reset())).toMatchObject({ code: 'ERR_SERVICE_DIED' })
  await session.end()
})

describe('a health check', () => {
  const file = join(directory, 'well')
  const command = { type: 'COMMAND', readinessIntervalMs: 10, healthIntervalMs: 10 } as const
  afterEach(() => rmSync(file, { force: true }))

  test('by a command makes a service ready, and unhealthy after failures in a row', async () => {
    const onHealthCheck = sh(
      `${says('asked')}; echo openjd_fail: no; echo openjd_env: x; test -e ${file} || { echo gone; exit 1; }`,
    )
    const { session, health, becomes } = holding({
      onEnter: sh('echo openjd_env: A=b'),
      onRun: sh(`test "$A" = b || exit 1; touch ${file}; ${stays}`),
      onHealthCheck,
      healthCheck: { ...command, failureThreshold: 2 },
    })
    await session.enter()
    await session.check()
    const unhealthy = becomes('UNHEALTHY')
    const failed = becomes('FAILED')
    rmSync(file)
    const { reason } = (await unhealthy) as { reason?: string }
    expect(reason).toMatch(
      /^ONE is unhealthy: 2 health checks in a row failed, and its onRun was stopped; the last one said: onHealthCheck of ONE/,
    )
    expect(reason).toContain('[onHealthCheck] gone')
    // While onRun is still being stopped, too.
    expect(await caught(session.check())).toMatchObject({ code: 'ERR_NOT_ANSWERING' })
    await failed
    expect(await caught(session.check())).toMatchObject({ code: 'ERR_NOT_ANSWERING' })
    expect(health()).toEqual(['READY', 'UNHEALTHY', 'FAILED'])
    await session.end()
  })

  test('that fails less often than the threshold changes nothing', async () => {
    const { session, health } = holding({
      onRun: sh(stays),
      onHealthCheck: sh(`${says('asked')}; test $(($(wc -l < ${callLog}) % 2)) = 1`),
      healthCheck: { ...command, failureThreshold: 2 },
    })
    await session.enter()
    while (calls().length < 6) await new Promise((resolve) => setImmediate(resolve))
    expect(health()).toEqual(['READY'])
    await session.end()
  })

  test('under its other name is the same', async () => {
    const { session } = holding({ onRun: sh(`sleep 0.1; touch ${file}; ${stays}`), onCheck: sh(`test -e ${file}`) })
    await session.enter()
    rmSync(file)
    const error = await caught(session.check())
    expect(error.message).toMatch(/^ONE does not answer: onCheck of ONE did not succeed: failed, exit status 1/)
    await session.end()
  })

  test('that still runs is ended before the exit begins', async () => {
    const { session } = holding({
      onRun: sh(`touch ${file}; ${stays}`),
      onHealthCheck: sh(`test -e ${file} && { ${says('asked')}; test $(wc -l < ${callLog}) = 1 || exec sleep 600; }`),
      healthCheck: command,
      onExit: sh(says('exit')),
    })
    await session.enter()
    while (calls().length < 2) await new Promise((resolve) => setImmediate(resolve))
    await session.end()
    expect(calls()).toEqual(['asked', 'asked', 'exit'])
  })

  test('by lines expects one in each interval, and misses them', async () => {
    const { session, becomes } = holding({
      healthCheck: { type: 'STDOUT', healthIntervalMs: 50, failureThreshold: 2 },
      onRun: sh(`for _ in 1 2 3; do ${readyLine}; sleep 0.03; done; ${stays}`),
    })
    const unhealthy = becomes('UNHEALTHY')
    await session.enter()
    expect(await unhealthy).toMatchObject({
      reason: expect.stringContaining('no "openjd_service_ready: …" within 50 ms'),
    })
    await session.end()
  })
})

describe('a restart policy', () => {
  const dies = (times: number): ActionPlan =>
    sh(`${says('run')}; ${readyLine}; test $(wc -l < ${callLog}) -gt ${times} || { sleep 0.05; exit 9; }; ${stays}`)

  test('starts it again where that is asked for, without entering again', async () => {
    const { session, events, health, becomes } = holding({
      onEnter: sh('echo openjd_env: A=b'),
      onRun: dies(2),
      healthCheck: stdout,
      restartPolicy: { maxAttempts: 2, completedTasks: 'KEEP' },
    })
    await session.enter({ restarts: true })
    while (health().filter((state) => state === 'READY').length < 3) await becomes('READY')
    expect(events.filter((event) => event.kind === 'health' && event.state === 'UNREADY')).toMatchObject([
      {
        state: 'UNREADY',
        reason: expect.stringContaining('exit status 9'),
        restart: { attempt: 1, maxAttempts: 2, completedTasks: 'KEEP' },
      },
      { state: 'UNREADY', restart: { attempt: 2 } },
    ])
    await session.check()
    const { pid, files } = session.services.get('one') ?? {}
    expect(Number(readFileSync(files?.pidFile ?? '', 'utf8'))).toBe(pid)
    await session.end()
    expect(calls()).toEqual(['run', 'run', 'run'])
  })

  test('comes to its end after its last attempt', async () => {
    const { session, health, becomes } = holding({
      onRun: dies(5),
      healthCheck: stdout,
      restartPolicy: { maxAttempts: 1 },
    })
    const failed = becomes('FAILED')
    await session.enter({ restarts: true })
    await failed
    expect(health()).toEqual(['READY', 'UNREADY', 'READY', 'FAILED'])
    expect(await caught(session.check())).toMatchObject({ code: 'ERR_SERVICE_DIED' })
    await session.end()
  })

  test('does nothing where it is not asked for, as in tests', async () => {
    const { session, health, becomes } = holding({
      onRun: dies(1),
      healthCheck: stdout,
      restartPolicy: { maxAttempts: 3 },
    })
    const failed = becomes('FAILED')
    await session.enter()
    await failed
    expect(health()).toEqual(['READY', 'FAILED'])
    await session.end()
  })
})

test.each<[object, string]>([
  [{}, 'script().onEnter: missing; a script has an onEnter, an onRun, or both'],
  [{ onRun: serves }, 'script().healthCheck: onRun has no TCP port'],
  [{ onRun: serves, healthCheck: { type: 'COMMAND' } }, 'script().onHealthCheck: missing'],
  [
    { onRun: serves, ports: { a: { protocol: 'UDP' } }, healthCheck: { type: 'TCP_CONNECT', ports: ['a'] } },
    'no TCP port',
  ],
  [{ onRun: serves, healthCheck: { type: 'STDOUT', failureThreshold: 2 } }, 'expected a healthIntervalMs'],
  [{ onRun: serves, ports: { a: { port: 80 }, b: { port: 80 } } }, 'two of them are TCP 80'],
  [{ onRun: serves, ports: { 'a b': {} } }, 'expected names of letters'],
  [{ onRun: serves, onCheck: serves, onHealthCheck: serves }, 'only one of onHealthCheck and onCheck'],
  [{ onEnter: serves, healthCheck: stdout }, 'expected an onRun with it'],
  [{ onEnter: serves, restartPolicy: {} }, 'expected an onRun with it'],
  [{ onRun: serves, healthCheck: { type: 'STDOUT', readinessTimeoutMs: 0 } }, 'a number of milliseconds above 0'],
])('options that make no sense are refused: %j', (options, message) => {
  expect(() => script(options as never)).toThrow(
    expect.objectContaining({ code: 'ERR_CONFIG', message: expect.stringContaining(message) }),
  )
})
