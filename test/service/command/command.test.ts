import { mkdirSync, readFileSync, realpathSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, expectTypeOf, test, vi } from 'vitest'
import { type CommandConfig, command, type NeededConfigs, ready, type ServiceDefinition } from '../../../src/index.ts'
import { identify } from '../../../src/process/inspect/identity.ts'
import type { SessionSetUpOptions } from '../../../src/service/set-up-options.ts'
import { caught } from '../../support/caught.ts'
import { useCleanState } from '../../support/left-nothing.ts'
import { programArgv } from '../../support/program.ts'
import { program } from '../../support/programs.ts'

const { stateDirectory } = useCleanState()

interface Told {
  readonly environment: Record<string, string>
  readonly directory: string
}

async function ask(url: string): Promise<Told> {
  return (await fetch(url)).json() as Promise<Told>
}

describe('a command', () => {
  test('gets a free port in PORT, the present environment, and what is declared', async () => {
    const definition = command({ command: program('serves-environment'), environment: { COLOUR: 'blue', LEVEL: 3 } })
    await using service = definition.create({ label: 'APP' })
    await service.setUp()
    const { url, port, host } = service.serviceConfig
    const { environment } = await ask(url)
    expect(environment).toMatchObject({ PORT: String(port), COLOUR: 'blue', LEVEL: '3', PATH: process.env.PATH })
    expect(host).toBe('127.0.0.1')
  })

  test('makes its environment of the configs of what it needs', async () => {
    const definition = command({
      command: program('serves-environment'),
      needs: ['db'],
      environment: ({ db }) => ({ DATABASE_URL: db.url, LEVEL: 3 }),
    })
    await using service = definition.create({ label: 'APP' })
    await service.setUp({ needs: { db: { url: 'postgres://db' } } })
    expect((await ask(service.serviceConfig.url)).environment).toMatchObject({
      DATABASE_URL: 'postgres://db',
      LEVEL: '3',
    })
  })

  test('with an environment that cannot be made says where, and why', async () => {
    const definition = command({
      command: program('says', 'hello'),
      needs: ['cache'],
      environment: (needs: NeededConfigs<'db'>) => ({ DATABASE_URL: needs.db.url }),
    })
    await using service = definition.create({ label: 'APP' })
    const error = await caught(service.setUp())
    expect(error).toMatchObject({ code: 'ERR_CONFIG', cause: expect.any(TypeError) })
    expect(error.message).toBe(
      `APP's "environment" threw: Cannot read properties of undefined (reading 'url'); it gets the configs of its "needs", which are cache`,
    )
  })

  test('with an environment that lacks a value names the variable', async () => {
    const definition = command({
      command: program('says', 'hello'),
      needs: ['db'],
      environment: ({ db }) => ({ DATABASE_URL: db.urll as string }),
    })
    await using service = definition.create({ label: 'APP' })
    const error = await caught(service.setUp({ needs: { db: { url: 'postgres://db' } } }))
    expect(error).toMatchObject({ code: 'ERR_CONFIG' })
    expect(error.message).toContain(
      `APP's "environment" returned undefined for DATABASE_URL; check the spelling of the config key that it reads: db has no "urll" (did you mean "url"?)`,
    )
  })

  test('runs in a directory relative to that of the config', async () => {
    mkdirSync(join(stateDirectory, 'app'), { mode: 0o700 })
    const definition = command({ command: program('serves-environment'), directory: 'app' })
    await using service = definition.create({ label: 'APP', directory: stateDirectory })
    await service.setUp()
    expect((await ask(service.serviceConfig.url)).directory).toBe(realpathSync(join(stateDirectory, 'app')))
  })

  test('has no port when it is told so', async () => {
    await using service = command({ command: program('says', 'hello'), port: false }).create({ label: 'WORKER' })
    await service.setUp()
    expect(service.serviceConfig).toEqual({ url: '', host: '127.0.0.1', port: 0 })
    await service.check()
  })

  test('that never listens says what was waited for, and which option to change', async () => {
    vi.resetModules()
    const { Deadline } = await import('../../../src/kernel/deadline.ts')
    await using service = command({ command: program('ignores-its-port') }).create({ label: 'IDLE' })
    const options: SessionSetUpOptions = { deadline: new Deadline('the start', 500) }
    const error = await caught(service.setUp(options))
    expect(error).toMatchObject({ code: 'ERR_NOT_READY' })
    expect(error.message).toMatch(
      /^IDLE is up, but was not ready within 500 ms: still waiting for a connection to port \d+, which the command gets in PORT \(last answer: connect ECONNREFUSED [^)]*\); if it listens on no port, say port: false; if something else shows that it is ready, say so, such as ready: ready\.log\('started'\); if it is only slow, allow more time: timeoutMs of start\(\), of testServices\(\) in Vitest, or --timeout of the command\n/,
    )
  })

  test.skipIf(process.platform !== 'linux')('that listens on another port is told so', async () => {
    const server =
      "require('http').createServer().listen(0, '127.0.0.1', function () { console.log(this.address().port) })"
    await using service = command({ command: [process.execPath, '-e', server] }).create({ label: 'API' })
    const error = await caught(service.setUp({ timeoutMs: 1_000 }))
    const [, port] = /last lines of its log:\s+(\d+)/.exec(error.message) ?? []
    expect(error.message).toContain(`; it listens on port ${port} instead: make it listen on the port that it gets; `)
  })

  test('without a port that died is told by check', async () => {
    const definition = command({ command: program('says', 'hello'), port: false, ready: ready.log('hello') })
    await using service = definition.create({ label: 'WORKER' })
    await service.setUp()
    process.kill(service.pid ?? 0, 'SIGKILL')
    // The process table knows at once; nothing else does.
    const error = await caught(
      (async () => {
        for (;;) await service.check()
      })(),
    )
    expect(error).toMatchObject({ code: 'ERR_SERVICE_DIED' })
  })

  test('is reset by its own function, with its config', async () => {
    const configs: CommandConfig[] = []
    const definition = command({ command: program('serves-http'), reset: (config) => void configs.push(config) })
    await using service = definition.create({ label: 'APP' })
    await service.setUp()
    await service.reset()
    expect(configs).toEqual([service.serviceConfig])
  })

  test('is stopped by a notice that says until when it has time, where it asks for that', async () => {
    const said = join(stateDirectory, 'said')
    const script = `trap 'cat "$OPENJD_SESSION_WORKING_DIR/cancel_info.json" > ${said}; exit 0' TERM; echo up; while :; do sleep 0.02; done`
    const service = command({
      command: ['sh', '-c', script],
      port: false,
      ready: ready.log('up'),
      stop: { mode: 'notify-then-terminate', graceMs: 600_000 },
    }).create({ label: 'NOTIFIED' })
    await service.setUp()
    await service.cleanUp()
    expect(Object.keys(JSON.parse(readFileSync(said, 'utf8')))).toEqual(['NotifyEnd'])
  })

  test('is ended all the same when its notice cannot be written, and the error is shown', async () => {
    const said = join(stateDirectory, 'ended')
    const script = `trap 'echo asked > ${said}; exit 0' TERM; mkdir "$OPENJD_SESSION_WORKING_DIR/cancel_info.json"; echo up; while :; do sleep 0.02; done`
    const service = command({
      command: ['sh', '-c', script],
      port: false,
      ready: ready.log('up'),
      stop: { mode: 'notify-then-terminate', graceMs: 600_000 },
    }).create({ label: 'UNNOTIFIED' })
    await service.setUp()
    expect(await caught(service.cleanUp())).toMatchObject({ code: 'EISDIR' })
    expect(readFileSync(said, 'utf8')).toBe('asked\n')
    expect(service.pid).toBeUndefined()
  })

  test('that ignores its notice is killed when the grace ends, and at once in a hurry', async () => {
    for (const [graceMs, forceSignal] of [
      [300, undefined],
      [600_000, AbortSignal.timeout(300)],
    ] as const) {
      const service = command({
        command: programArgv('ignores-sigterm.sh') as [string, ...string[]],
        port: false,
        ready: ready.log('ready'),
        stop: { mode: 'notify-then-terminate', graceMs },
      }).create({ label: 'STUBBORN' })
      await service.setUp()
      await service.cleanUp(forceSignal)
      expect(service.pid).toBeUndefined()
    }
  })

  test('is stopped by its ladder, and killed at its end', async () => {
    const script = 'trap "echo asked politely" INT; trap "" TERM; echo ready; while :; do sleep 0.02; done'
    const definition = command({
      command: ['sh', '-c', script],
      port: false,
      ready: ready.log('ready'),
      stop: [
        { signal: 'SIGINT', graceMs: 200 },
        { signal: 'SIGTERM', graceMs: 50 },
      ],
    })
    const service = definition.create({ label: 'STUBBORN' })
    await service.setUp()
    const { log: logFile } = service
    let text = ''
    const stopping = service.cleanUp()
    while (!text.includes('asked politely') && service.pid !== undefined) {
      text = logFile.readFrom(0)
      await new Promise((resolve) => setImmediate(resolve))
    }
    await stopping
    expect(text).toContain('asked politely')
  })

  test('in a hurry is killed without its grace', async () => {
    const script = 'trap "" TERM; echo ready; while :; do sleep 0.02; done'
    const definition = command({
      command: ['sh', '-c', script],
      port: false,
      ready: ready.log('ready'),
      stop: [{ signal: 'SIGTERM', graceMs: 600_000 }],
    })
    const service = definition.create({ label: 'STUBBORN' })
    await service.setUp()
    const { pid = 0 } = service
    await service.cleanUp(AbortSignal.abort())
    expect(identify(pid)).toBeUndefined()
  })

  test('takes what its profile says in the configured instance', async () => {
    const profile = { environment: { COLOUR: 'red' } }
    const definition = command({ command: program('serves-environment'), environment: { COLOUR: 'blue' } })
    await using service = definition.create({ label: 'APP', profile })
    await service.setUp({ uniqueInstance: false })
    expect((await ask(service.serviceConfig.url)).environment).toMatchObject({ COLOUR: 'red' })
  })
})

test('a command depends on the files among its arguments, and on those that it names', () => {
  const argv = ['node', '--test', 'server.mjs', '/etc/server.json'] as const
  const made = command({ command: [...argv], directory: 'api', files: ['views/*', '/etc/*.conf'] })
  expect(made.files).toEqual(['api/server.mjs', '/etc/server.json', 'api/views/*', '/etc/*.conf'])
})

describe('a program that is missing', () => {
  test.each([
    ['by name', 'no-such-program', 'it is in none of the directories of PATH'],
    ['by path', './no-such-program', 'there is no executable file'],
  ])('is an error that says where it was looked for: %s', async (_title, name, message) => {
    await using service = command({ command: [name] }).create({ label: 'APP' })
    const error = await caught(service.setUp())
    expect(error).toMatchObject({ code: 'ERR_MISSING_BINARY' })
    expect(error.message).toContain(message)
  })
})

describe('wrong options', () => {
  test.each([
    ['an unknown one', { command: ['a'], comand: 1 }, 'command().comand: unknown key (did you mean "command"?)'],
    ['no command', {}, 'command().command: missing'],
    ['an empty command', { command: [] }, 'command().command: expected at least one'],
    ['a port out of range', { command: ['a'], port: 70_000 }, 'command().port: expected <=65535, but got 70000'],
    [
      'a port that is no number',
      { command: ['a'], port: '80' },
      'command().port: expected (false | number), but got "80"',
    ],
    [
      'no name of a variable',
      { command: ['a'], environment: { 'A=B': 'c' } },
      'command().environment.A=B: expected a name',
    ],
    [
      'a readiness that is none',
      { command: ['a'], ready: '/healthz' },
      `command().ready: expected a strategy such as ready.http('/healthz'), but got "/healthz"`,
    ],
    [
      'a signal that there is not',
      { command: ['a'], stop: [{ signal: 'SIGBYE', graceMs: 1 }] },
      'command().stop.0.signal',
    ],
  ])('are refused with their place: %s', (_title, options, message) => {
    expect(() => command(options as never)).toThrow(message)
  })

  test('in a profile are refused with their place', () => {
    const definition = command({ command: ['a'] })
    expect(() => definition.create({ label: 'APP', profile: { prot: 1 } })).toThrow(
      'the profile of APP.prot: unknown key (did you mean "port"?)',
    )
  })
})

test('the types of a command are known', () => {
  expectTypeOf(command({ command: ['a'] })).toEqualTypeOf<ServiceDefinition<CommandConfig, never>>()
  command({
    command: ['a'],
    needs: ['db', 'cache'],
    environment: (needs) => {
      expectTypeOf(needs).toEqualTypeOf<NeededConfigs<'db' | 'cache'>>()
      return {}
    },
  })
  // @ts-expect-error: a command has at least a program
  expect(() => command({ command: [] })).toThrow('at least one')
})
