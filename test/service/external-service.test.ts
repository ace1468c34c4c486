import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { describe, expect, test } from 'vitest'
import { librarian } from '../../fixtures/librarian/index.ts'
import {
  ConfigError,
  defineService,
  ExternalService,
  type ServiceOptions,
  type SetUpContext,
} from '../../src/fixture.ts'
import type { ServiceDefinition, ServiceError } from '../../src/index.ts'
import { caught } from '../support/caught.ts'
import { useCleanState } from '../support/left-nothing.ts'
import { misbehavingServer } from '../support/misbehaving-server.ts'

useCleanState()

const init: ServiceOptions = { label: 'LIBRARIAN' }

/** A service without a process, which logs what it is asked for and can be told to fail or to wait. */
class Recorder extends ExternalService<{ url: string }> {
  readonly calls: string[] = []
  readonly failures = new Map<string, Error>()
  waiting: Promise<void> | undefined
  modes: string[] = []
  /** Written to its log when it starts. */
  says = ''

  protected async onStart(context: SetUpContext): Promise<{ url: string }> {
    this.modes.push(context.mode)
    if (this.says !== '') writeFileSync(context.logFile, this.says)
    for (const part of ['first', 'second']) {
      this.#does(`make ${part}`)
      context.addCleanUp(() => this.#does(`remove ${part}`))
    }
    if (this.waiting !== undefined) await context.deadline.race(() => this.waiting ?? Promise.resolve())
    this.#does('start')
    return { url: 'recorder:' }
  }

  protected configFromVariables(): { url: string } {
    return { url: 'recorder:' }
  }

  protected async onCheck(): Promise<void> {
    this.#does('verify')
  }

  protected async onReset(): Promise<void> {
    this.#does('restore')
  }

  #does(what: string): void {
    this.calls.push(what)
    const failure = this.failures.get(what)
    if (failure) throw failure
  }
}

const round = ['make first', 'make second', 'start', 'remove second', 'remove first']

describe('setUp and cleanUp', () => {
  test('run in order, and can be repeated', async () => {
    const service = new Recorder(init)
    await service.setUp()
    await service.cleanUp()
    await service.setUp()
    await service.cleanUp()
    expect(service.calls).toEqual([...round, ...round])
  })

  test('called twice do their work once', async () => {
    const service = new Recorder(init)
    await service.setUp()
    await service.setUp()
    await service.cleanUp()
    await service.cleanUp()
    expect(service.calls).toEqual(round)
  })

  test('called at the same time share one run', async () => {
    const service = new Recorder(init)
    await Promise.all([service.setUp(), service.setUp(), service.setUp()])
    await Promise.all([service.cleanUp(), service.cleanUp()])
    expect(service.calls).toEqual(round)
  })

  test('called while the other runs wait for it', async () => {
    const service = new Recorder(init)
    await service.setUp()
    await Promise.all([service.cleanUp(), service.setUp()])
    await service.cleanUp()
    expect(service.calls).toEqual([...round, ...round])
  })

  test('cleanUp of what never was set up is harmless', async () => {
    const service = new Recorder(init)
    await service.cleanUp()
    expect(service.calls).toEqual([])
  })

  test('cleanUp during setUp cancels it, and everything is undone', async () => {
    const service = new Recorder(init)
    service.waiting = new Promise(() => {})
    const settingUp = caught(service.setUp())
    await service.cleanUp()
    expect(await settingUp).toMatchObject({ code: 'ERR_CANCELED' })
    expect(service.calls.slice(-2)).toEqual(service.calls.length > 0 ? ['remove second', 'remove first'] : [])
    expect(() => service.serviceConfig).toThrow('LIBRARIAN has no config while it is down')
  })

  test('setUp after a canceled one works', async () => {
    const service = new Recorder(init)
    const settingUp = caught(service.setUp())
    await service.cleanUp()
    await settingUp
    await service.setUp()
    expect(service.serviceConfig.url).toBe('recorder:')
    await service.cleanUp()
  })

  test('an aborted signal cancels setUp, before it and during it', async () => {
    const service = new Recorder(init)
    expect(await caught(service.setUp({ signal: AbortSignal.abort() }))).toMatchObject({ code: 'ERR_CANCELED' })
    expect(service.calls).toEqual([])
    service.waiting = new Promise(() => {})
    const giveUp = new AbortController()
    const settingUp = caught(service.setUp({ signal: giveUp.signal }))
    giveUp.abort()
    expect(await settingUp).toMatchObject({ code: 'ERR_CANCELED' })
  })

  test('the deadline ends a set-up that hangs', async () => {
    const service = new Recorder(init)
    service.waiting = new Promise(() => {})
    expect(await caught(service.setUp({ timeoutMs: 100 }))).toMatchObject({ code: 'ERR_DEADLINE' })
    expect(service.calls).toEqual(['make first', 'make second', 'remove second', 'remove first'])
  })

  test('disposal is a cleanUp', async () => {
    const service = new Recorder(init)
    {
      await using disposed = service
      await disposed.setUp()
    }
    expect(service.calls).toEqual(round)
  })

  test('the kinds of instances are told to the service', async () => {
    const service = new Recorder(init)
    for (const uniqueInstance of [undefined, true, false]) {
      await service.setUp({ uniqueInstance })
      await service.cleanUp()
    }
    expect(service.modes).toEqual(['unique', 'unique', 'configured'])
  })
})

describe('a setUp that fails', () => {
  test('undoes everything and throws its error with the label and the log', async () => {
    const service = new Recorder(init)
    const failure = new Error('no start')
    service.failures.set('start', failure)
    service.says = 'what went on\n'
    const error = await caught<ServiceError>(service.setUp())
    expect(error).toMatchObject({ code: 'ERR_START', cause: failure, evidence: { label: 'LIBRARIAN' } })
    expect(error.message).toMatch(
      /^LIBRARIAN could not be started: no start\n.*last lines of its log:\n {4}what went on\n/,
    )
    expect(readFileSync(error.evidence.logFile ?? '', 'utf8')).toBe('what went on\n')
    expect(service.calls).toEqual(round)
  })

  test('throws an error of ours as it is', async () => {
    const service = new Recorder(init)
    const failure = new ConfigError('no such option')
    service.failures.set('start', failure)
    expect(await caught(service.setUp())).toBe(failure)
  })

  test('throws its own error first and those of the clean-up after it, in order', async () => {
    const service = new Recorder(init)
    for (const what of ['start', 'remove first', 'remove second']) service.failures.set(what, new Error(`no ${what}`))
    const error = await caught<AggregateError>(service.setUp())
    expect(error.errors.map(({ message }) => message)).toEqual([
      'LIBRARIAN could not be started: no start',
      'no remove second',
      'no remove first',
    ])
  })

  test('can be tried again', async () => {
    const service = new Recorder(init)
    service.failures.set('start', new Error('no start'))
    await caught(service.setUp())
    service.failures.clear()
    await service.setUp()
    await service.cleanUp()
    expect(service.calls).toEqual([...round, ...round])
  })
})

describe('a cleanUp that fails', () => {
  test('attempts everything, throws once, and leaves a service that can be set up again', async () => {
    const service = new Recorder(init)
    service.failures.set('remove second', new Error('no removal'))
    await service.setUp()
    await expect(service.cleanUp()).rejects.toThrow('no removal')
    expect(service.calls).toEqual(round)
    await service.cleanUp()
    service.failures.clear()
    await service.setUp()
    await service.cleanUp()
  })
})

describe('reset', () => {
  test('checks first, and does not reset what fails the check', async () => {
    await using service = new Recorder(init)
    await service.setUp()
    await service.reset()
    service.failures.set('verify', new Error('sick'))
    await expect(service.reset()).rejects.toThrow('sick')
    expect(service.calls.slice(3)).toEqual(['verify', 'restore', 'verify'])
  })

  test('that fails names the instance, with the log', async () => {
    await using service = new Recorder(init)
    service.says = 'what went on\n'
    await service.setUp()
    const failure = new Error('Lock wait timeout exceeded')
    service.failures.set('restore', failure)
    const error = await caught<ServiceError>(service.reset())
    expect(error).toMatchObject({ code: 'ERR_NOT_ANSWERING', cause: failure, evidence: { label: 'LIBRARIAN' } })
    expect(error.message).toMatch(/^LIBRARIAN could not be reset: Lock wait timeout exceeded\n.*\n {4}what went on\n/)
  })

  test.each(['reset', 'check'] as const)('and check need a setUp: %s', async (call) => {
    expect(await caught(new Recorder(init)[call]())).toMatchObject({ code: 'ERR_STATE' })
  })
})

describe('the config', () => {
  test('is an error before setUp and after cleanUp', async () => {
    const service = new Recorder(init)
    expect(() => service.serviceConfig).toThrow('call setUp() and await it first')
    await service.setUp()
    expect(service.serviceConfig).toEqual({ url: 'recorder:' })
    await service.cleanUp()
    expect(() => service.variables).toThrow('LIBRARIAN has no config while it is down')
  })

  test('is in a file for this user alone, beside the pid, and goes with the instance', async () => {
    const service = librarian().create(init)
    await service.setUp()
    const { configFile, pidFile, logFile, controlPid } = service.files
    expect(JSON.parse(readFileSync(configFile, 'utf8'))).toEqual(service.serviceConfig)
    expect(readFileSync(pidFile, 'utf8')).toBe(`${service.pid}\n`)
    expect([configFile, pidFile, logFile].map((path) => statSync(path).mode & 0o777)).toEqual([0o600, 0o600, 0o600])
    expect(statSync(dirname(configFile)).mode & 0o777).toBe(0o700)
    expect(controlPid).toBe(process.pid)
    await service.cleanUp()
    expect(existsSync(dirname(configFile))).toBe(false)
  })
})

describe('a service that died', () => {
  async function started<Config extends object>(definition: ServiceDefinition<Config>) {
    const service = definition.create(init)
    await service.setUp()
    return service
  }

  test.each(['check', 'reset'] as const)(
    'is an error of %s that tells how, with the last lines of its log',
    async (call) => {
      await using service = await started(misbehavingServer('exits-on-request', 9))
      await caught(fetch(`${service.serviceConfig.url}/exit`))
      const error = await caught(service[call]())
      expect(error).toMatchObject({
        code: 'ERR_SERVICE_DIED',
        evidence: { label: 'LIBRARIAN', ended: 'exit status 9' },
      })
      expect(error.message).toContain('the misbehaving server exits on request')
    },
  )

  test('by a signal is told with its signal', async () => {
    await using service = await started(librarian())
    process.kill(service.pid ?? 0, 'SIGKILL')
    expect((await caught(service.check())).message).toContain('LIBRARIAN died: it ended with signal SIGKILL')
  })

  test('is not started again in silence, and can be cleaned up and set up', async () => {
    await using service = await started(librarian())
    process.kill(service.pid ?? 0, 'SIGKILL')
    expect(await caught(service.reset())).toMatchObject({ code: 'ERR_SERVICE_DIED' })
    expect(await caught(service.reset())).toMatchObject({ code: 'ERR_SERVICE_DIED' })
    await service.cleanUp()
    await service.setUp()
    await service.reset()
  })

  test('and one that runs but does not answer are told apart', async () => {
    await using service = await started(librarian())
    process.kill(service.pid ?? 0, 'SIGSTOP')
    const error = await caught(service.check())
    expect(error).toMatchObject({ code: 'ERR_NOT_ANSWERING' })
  })
})

test('a definition can be instantiated any number of times', async () => {
  const definition = defineService({ kind: 'recorder', create: (given) => new Recorder(given) })
  const [one, other] = [definition.create({ label: 'ONE' }), definition.create({ label: 'OTHER' })]
  expect([one.label, other.label]).toEqual(['ONE', 'OTHER'])
  expect(one).not.toBe(other)
})
