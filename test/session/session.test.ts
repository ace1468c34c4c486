import { setImmediate as turn } from 'node:timers/promises'
import { afterEach, describe, expect, expectTypeOf, onTestFinished, test } from 'vitest'
import { type LibrarianConfig, librarian } from '../../fixtures/librarian/index.ts'
import {
  type Deadline,
  defineService,
  ExternalService,
  type ServiceOptions,
  type SetUpContext,
} from '../../src/fixture.ts'
import { sleep } from '../../src/fixture-internals.ts'
import { type CommandConfig, command, type ServiceDefinition } from '../../src/index.ts'
import { Session } from '../../src/session.ts'
import { caught } from '../support/caught.ts'
import { useCleanState } from '../support/left-nothing.ts'
import { program } from '../support/programs.ts'

useCleanState()

const calls: string[] = []
const deadlines: Deadline[] = []
afterEach(() => {
  calls.splice(0)
  deadlines.splice(0)
})

interface Behaviour {
  readonly fails?: 'starting' | 'stopping' | 'resetting' | 'checking'
  /** Comes up only when it is given up. */
  readonly hangs?: boolean
  readonly takesMs?: number
}

/** Logs what it is asked for, with turns of the event loop between begin and end. */
class Recorder extends ExternalService<{ url: string }> {
  readonly #behaviour: Behaviour

  constructor(init: ServiceOptions, behaviour: Behaviour) {
    super(init)
    this.#behaviour = behaviour
  }

  protected async onStart(context: SetUpContext): Promise<{ url: string }> {
    deadlines.push(context.deadline)
    if (this.#behaviour.takesMs) await sleep(this.#behaviour.takesMs)
    await this.#does('starting', 'up')
    context.addCleanUp(() => this.#does('stopping', 'down'))
    if (this.#behaviour.hangs) await context.deadline.race(() => new Promise(() => {}))
    const needs = Object.entries(context.needs).map(([name, config]) => `${name}=${(config as { url: string }).url}`)
    return { url: [this.label, ...needs].join(' ') }
  }

  protected configFromVariables(scalars: Readonly<Record<string, string>>): { url: string } {
    return { url: `existing ${scalars.url}` }
  }

  protected async onCheck(): Promise<void> {
    if (this.#behaviour.fails === 'checking') throw new Error(`${this.label} failed checking`)
  }

  protected async onReset(): Promise<void> {
    await this.#does('resetting', 'reset')
  }

  async #does(begin: Behaviour['fails'] & string, end: string): Promise<void> {
    calls.push(`${this.label} ${begin}`)
    await turn()
    await turn()
    if (this.#behaviour.fails === begin) throw new Error(`${this.label} failed ${begin}`)
    calls.push(`${this.label} ${end}`)
  }
}

function recorder(needs: readonly string[] = [], behaviour: Behaviour = {}): ServiceDefinition<{ url: string }> {
  return defineService({ kind: 'recorder', needs, create: (init) => new Recorder(init, behaviour) })
}

const stack = { api: recorder(['db', 'cache']), db: recorder(), cache: recorder() }

describe('a session', () => {
  test('starts needs first, independent services at the same time, and stops in reverse', async () => {
    const session = new Session({ services: stack })
    await session.enter()
    expect([...session.services.keys()]).toEqual(['db', 'cache', 'api'])
    await session.end()
    expect(calls).toEqual([
      'DB starting',
      'CACHE starting',
      'DB up',
      'CACHE up',
      'API starting',
      'API up',
      'API stopping',
      'API down',
      'DB stopping',
      'CACHE stopping',
      'DB down',
      'CACHE down',
    ])
  })

  test('holds many services without a warning of Node', async () => {
    const warnings: string[] = []
    const hear = ({ message }: Error): void => void warnings.push(message)
    process.on('warning', hear)
    onTestFinished(() => void process.off('warning', hear))
    const many = Object.fromEntries(Array.from({ length: 12 }, (_, number) => [`s${number}`, recorder()]))
    const session = new Session({ services: many })
    await session.enter({ signal: new AbortController().signal })
    await session.reset()
    await session.end()
    // Node tells of a warning in a later turn.
    await turn()
    expect(warnings).toEqual([])
  })

  test('hands each service the configs of what it needs, and of nothing else', async () => {
    await using session = new Session({ services: { ...stack, last: recorder(['api']) } })
    await session.enter()
    expect(session.configs.last).toEqual({ url: 'LAST api=API db=DB cache=CACHE' })
  })

  test('enters only what is asked for and what that needs, and later the rest, each once', async () => {
    await using session = new Session({ services: stack })
    await session.enter({ only: ['db'] })
    expect([...session.services.keys()]).toEqual(['db'])
    await session.enter()
    await session.enter({ only: ['api'] })
    expect(calls.filter((call) => call.endsWith('starting'))).toEqual(['DB starting', 'CACHE starting', 'API starting'])
  })

  test('gives all of a start one deadline', async () => {
    const takesMs = 50
    await using session = new Session({ services: { api: recorder(['db']), db: recorder([], { takesMs }) } })
    await session.enter({ timeoutMs: 30_000 })
    const [first = 0, second = 0] = deadlines.map(({ remainingMs }) => remainingMs)
    expect(Math.abs(first - second)).toBeLessThan(takesMs)
    expect(deadlines.map(({ limitMs }) => limitMs)).toEqual([30_000, 30_000])
  })

  test('entered twice at the same time starts each service once', async () => {
    await using session = new Session({ services: stack })
    await Promise.all([session.enter({ only: ['api'] }), session.enter({ only: ['db'] }), session.enter()])
    expect(calls.filter((call) => call.endsWith('starting'))).toHaveLength(3)
  })

  test('resets what others need first', async () => {
    await using session = new Session({ services: stack })
    await session.enter()
    calls.splice(0)
    await session.reset({ only: ['api', 'db'] })
    expect(calls).toEqual(['DB resetting', 'DB reset', 'API resetting', 'API reset'])
  })

  test('resets all services in spite of failures, and then names each that failed', async () => {
    const failing = recorder([], { fails: 'resetting' })
    await using session = new Session({ services: { ...stack, db: failing, cache: failing } })
    await session.enter()
    calls.splice(0)
    await expect(session.reset()).rejects.toMatchObject({
      code: 'ERR_NOT_ANSWERING',
      message: 'DB could not be reset: DB failed resetting\nCACHE could not be reset: CACHE failed resetting',
    })
    expect(calls).toEqual(['DB resetting', 'CACHE resetting', 'API resetting', 'API reset'])
  })

  test('cleans up single services after those that need them, and enters them again', async () => {
    await using session = new Session({ services: stack })
    await session.enter()
    calls.splice(0)
    await session.cleanUp({ only: ['db'] })
    expect(calls).toEqual(['API stopping', 'API down', 'DB stopping', 'DB down'])
    expect([...session.services.keys()]).toEqual(['cache'])
    await session.enter()
    expect([...session.services.keys()]).toEqual(['cache', 'db', 'api'])
  })

  test('checks all and tells of every failure', async () => {
    const sick = (): ServiceDefinition => recorder([], { fails: 'checking' })
    await using session = new Session({ services: { one: sick(), two: recorder(), three: sick() } })
    await session.enter()
    const error = await caught<AggregateError>(session.check())
    expect(error.errors.map(({ message }) => message)).toEqual(['ONE failed checking', 'THREE failed checking'])
  })

  test('tells what happens, and a listener that throws stops nothing', async () => {
    const events: string[] = []
    const warned: Error[] = []
    const onWarning = (warning: Error): void => void warned.push(warning)
    process.on('warning', onWarning)
    await using session = new Session({
      services: { db: recorder() },
      onEvent: (event) => {
        if ('service' in event) events.push(`${event.service} ${event.kind}`)
        if (event.kind === 'ready') throw new Error('not now')
      },
    })
    await session.enter()
    await session.end()
    await turn()
    process.off('warning', onWarning)
    expect(events).toEqual(['db starting', 'db ready', 'db stopping', 'db stopped'])
    expect(warned.map(({ message }) => message)).toEqual(['not now'])
  })
})

describe('when a service fails', () => {
  test('those that came up are cleaned up, and its error is thrown', async () => {
    const services = { ...stack, api: recorder(['db', 'cache'], { fails: 'starting' }) }
    const session = new Session({ services })
    await expect(session.enter()).rejects.toThrow('API failed starting')
    expect([...session.services]).toEqual([])
    expect(calls.filter((call) => /stopping|down/.test(call))).toEqual([
      'DB stopping',
      'CACHE stopping',
      'DB down',
      'CACHE down',
    ])
  })

  test('those that are coming up are given up, which is no news', async () => {
    const services = { slow: recorder([], { hangs: true }), bad: recorder([], { fails: 'starting' }) }
    const error = await caught(new Session({ services }).enter())
    expect(error.message).toBe('BAD could not be started: BAD failed starting')
    expect(calls).toContain('SLOW down')
  })

  test('the errors of the clean-up come after its own', async () => {
    const services = { db: recorder([], { fails: 'stopping' }), api: recorder(['db'], { fails: 'starting' }) }
    const error = await caught<AggregateError>(new Session({ services }).enter())
    expect(error.errors.map(({ message }) => message)).toEqual([
      'API could not be started: API failed starting',
      'DB failed stopping',
    ])
  })

  test('services entered before stay', async () => {
    await using session = new Session({ services: { ...stack, bad: recorder(['db'], { fails: 'starting' }) } })
    await session.enter({ only: ['db'] })
    await caught(session.enter({ only: ['bad'] }))
    expect([...session.services.keys()]).toEqual(['db'])
  })

  test('while stopping, the others are stopped too, and every error is told', async () => {
    const bad = { fails: 'stopping' } as const
    const session = new Session({
      services: { one: recorder([], bad), two: recorder(['one'], bad), three: recorder() },
    })
    await session.enter()
    const error = await caught<AggregateError>(session.end())
    expect(error.errors.map(({ message }) => message)).toEqual(['TWO failed stopping', 'ONE failed stopping'])
    expect(calls).toContain('THREE down')
  })
})

describe('the end', () => {
  test('gives up what is coming up, undoes it, and refuses what waits', async () => {
    const session = new Session({ services: { db: recorder(), slow: recorder(['db'], { hangs: true }) } })
    const entering = caught(session.enter())
    const waiting = caught(session.enter())
    while (!calls.includes('SLOW up')) await turn()
    await session.end()
    expect(await entering).toMatchObject({ code: 'ERR_CANCELED' })
    expect(await waiting).toMatchObject({ code: 'ERR_STATE' })
    expect(calls.slice(-4)).toEqual(['SLOW stopping', 'SLOW down', 'DB stopping', 'DB down'])
  })

  test('is harmless when repeated, and final', async () => {
    const session = new Session({ services: stack })
    await session.enter()
    await Promise.all([session.end(), session.end()])
    await session.end()
    expect(calls.filter((call) => call.endsWith('stopping'))).toHaveLength(3)
    expect(await caught(session.enter())).toMatchObject({ code: 'ERR_STATE' })
  })

  test('in a hurry skips the graces', async () => {
    const script = 'trap "" TERM; while :; do sleep 0.02; done'
    const stubborn = command({
      command: ['sh', '-c', script],
      port: false,
      stop: [{ signal: 'SIGTERM', graceMs: 600_000 }],
    })
    const session = new Session({ services: { stubborn } })
    await session.enter()
    const forceSignal = new AbortController()
    const ending = session.end({ forceSignal: forceSignal.signal })
    forceSignal.abort()
    await ending
    expect([...session.services]).toEqual([])
  })

  test('an aborted signal cancels entering', async () => {
    const session = new Session({ services: stack })
    expect(await caught(session.enter({ signal: AbortSignal.abort() }))).toMatchObject({ code: 'ERR_CANCELED' })
    expect(calls).toEqual([])
  })
})

describe('wrong use', () => {
  test('a name that is not there is refused, with the nearest', async () => {
    await using session = new Session({ services: stack })
    await expect(session.enter({ only: ['dbs'] })).rejects.toThrow('there is no service "dbs" (did you mean "db"?)')
  })

  test('resetting what is not up is refused, with what is', async () => {
    await using session = new Session({ services: stack })
    await session.enter({ only: ['db'] })
    await expect(session.reset({ only: ['api'] })).rejects.toThrow('the service "api" is not up; these are: db')
  })

  test('a circle is refused before anything starts', () => {
    const services = { a: recorder(['b']), b: recorder(['a']) }
    expect(() => new Session({ services })).toThrow('a → b → a')
  })
})

describe('with what exists', () => {
  const declared = { LP_PERSISTENT_TEST_SERVICES: 'DB', LP_DB_URL: 'db:' }
  afterEach(() => {
    for (const name of Object.keys(declared)) delete process.env[name]
  })

  test('attaches to what is declared, and starts the others', async () => {
    Object.assign(process.env, declared)
    await using session = new Session({
      services: { db: recorder(['cache']), cache: recorder(), api: recorder(['db']) },
    })
    await session.enter({ useExisting: true, only: ['api'] })
    expect(session.configs).toEqual({ db: { url: 'existing db:' }, api: { url: 'API db=existing db:' } })
  })

  test('is an error when nothing is declared', async () => {
    await using session = new Session({ services: stack })
    expect(await caught(session.enter({ useExisting: true }))).toMatchObject({
      errors: [{ code: 'ERR_ATTACH' }, { code: 'ERR_ATTACH' }, { code: 'ERR_ATTACH' }],
    })
  })
})

describe('the variables', () => {
  test('are those of every service, and what the environment makes of the configs', async () => {
    await using session = new Session({
      services: { db: recorder(), cache: recorder() },
      environment: ({ db, cache }) => ({ DATABASE_URL: db.url, BOTH: `${db.url}+${cache.url}` }),
    })
    await session.enter()
    expect(session.variables).toMatchObject({
      LP_DB_URL: 'DB',
      LP_CACHE_URL: 'CACHE',
      DATABASE_URL: 'DB',
      BOTH: 'DB+CACHE',
    })
  })

  test('leave out what tells of a service that is not up', async () => {
    await using session = new Session({
      services: { db: recorder(), cache: recorder() },
      environment: ({ db, cache }) => ({ DATABASE_URL: db.url, CACHE_URL: cache.url, BOTH: `${db.url}+${cache.url}` }),
    })
    await session.enter({ only: ['db'] })
    const { DATABASE_URL, CACHE_URL, BOTH } = session.variables
    expect({ DATABASE_URL, CACHE_URL, BOTH }).toEqual({ DATABASE_URL: 'DB', CACHE_URL: undefined, BOTH: undefined })
  })

  test('are given to a command', async () => {
    await using session = new Session({ services: { db: recorder() }, environment: { COLOUR: 'blue' } })
    await session.enter()
    const argv = ['sh', '-c', 'test "$LP_DB_URL $COLOUR $OWN" = "DB blue mine"']
    expect(await session.run({ argv, environment: { OWN: 'mine' } })).toEqual({ exitCode: 0, signal: null })
    expect(await session.run({ argv: ['sh', '-c', 'exit 9'] })).toEqual({ exitCode: 9, signal: null })
  })
})

test('the types of the configs are known', () => {
  const session = new Session({
    services: { files: librarian(), app: command({ command: program('serves-http') }) },
    environment: (configs) => {
      expectTypeOf(configs).toEqualTypeOf<{ readonly files: LibrarianConfig; readonly app: CommandConfig }>()
      return {}
    },
  })
  expectTypeOf(session.configs).toEqualTypeOf<
    Partial<{ readonly files: LibrarianConfig; readonly app: CommandConfig }>
  >()
})

describe('options that make no sense are refused', () => {
  test.each<[object, string]>([
    [{ pathMappingRules: [{ destination: '/b' }] }, 'new Session().pathMappingRules.0.source: missing'],
    [
      { pathMappingRules: [{ source: 'a', destination: '/b' }] },
      'pathMappingRules.0.source: expected an absolute path',
    ],
    [{ environment: { 'A=B': 'c' } }, 'new Session().environment.A=B: expected a name'],
    [{ user: 5 }, 'new Session().user: expected string'],
  ])('in a session: %j', (options, message) => {
    expect(() => new Session(options)).toThrow(
      expect.objectContaining({ code: 'ERR_CONFIG', message: expect.stringContaining(message) }),
    )
  })

  test.each<[object, string]>([
    [{ command: 'echo a' }, 'runAction().command: expected'],
    [{ command: [] }, 'runAction().command: expected'],
    [{ command: ['true'], variables: { '': 'a' } }, 'runAction().variables.: expected a name'],
    [{ command: ['true'], variables: { A: 'a\0b' } }, 'runAction().variables.A: expected a text without NUL'],
    [{ command: ['true'], timeout: 5 }, 'runAction().timeout: unknown key (did you mean "timeoutMs"?)'],
    [{ command: ['true'], timeoutMs: Number.NaN }, 'runAction().timeoutMs: expected a number of milliseconds above 0'],
    [{ command: ['true'], timeoutMs: 0 }, 'runAction().timeoutMs: expected a number of milliseconds above 0'],
    [
      { command: ['true'], cancelation: { mode: 'notify-then-terminate', graceMs: -1 } },
      'cancelation.graceMs: expected',
    ],
  ])('in an action: %j', async (action, message) => {
    await using session = new Session()
    const error = await caught(session.runAction(action as never))
    expect(error).toMatchObject({ code: 'ERR_CONFIG', message: expect.stringContaining(message) })
    expect(session.state).toBe('ready')
  })

  test.each<[object, string]>([
    [{ variables: { 'A=B': 'c' } }, 'enterEnvironment().variables.A=B: expected a name'],
    [{ onEnter: { command: 'true' } }, 'enterEnvironment().onEnter.command: expected'],
    [{ onEntry: { command: ['true'] } }, 'enterEnvironment().onEntry: unknown key (did you mean "onEnter"?)'],
  ])('in an environment: %j', async (environment, message) => {
    await using session = new Session()
    const error = await caught(session.enterEnvironment(environment as never))
    expect(error).toMatchObject({ code: 'ERR_CONFIG', message: expect.stringContaining(message) })
    expect(session.environments).toEqual([])
  })

  test.each([Number.NaN, 0, -5, null])('in a start: timeoutMs %j', async (timeoutMs) => {
    const services = { one: recorder() }
    await using session = new Session({ services })
    const code = 'ERR_CONFIG'
    expect(await caught(session.enter({ timeoutMs: timeoutMs as number }))).toMatchObject({ code })
    const service = services.one.create({ label: 'ONE' })
    expect(await caught(service.setUp({ timeoutMs: timeoutMs as number }))).toMatchObject({ code })
    await service.setUp({ timeoutMs: Number.POSITIVE_INFINITY })
    await service.cleanUp()
  })
})
