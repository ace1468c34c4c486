import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { command, ready } from '../../src/index.ts'
import { readStat } from '../../src/process/inspect/identity.ts'
import { caught } from '../support/caught.ts'
import { useCleanState } from '../support/left-nothing.ts'
import { program } from '../support/programs.ts'

useCleanState()

interface Start {
  readonly command: readonly [string, ...string[]]
  readonly ready: ready.Readiness
  readonly port?: false
  readonly timeoutMs?: number
}

/** Brings a service up and down again; gives what it logged. */
async function start({ timeoutMs = 20_000, ...options }: Start): Promise<string> {
  await using service = command(options).create({ label: 'TRIED' })
  await service.setUp({ timeoutMs })
  return service.log.readFrom(0)
}

describe('a service is ready', () => {
  test.each([
    ['log, by a text', ready.log('listening on')],
    ['log, by an expression', ready.log(/^listening on \d+$/)],
    ['log, by an expression with flags', ready.log(/^LISTENING/gi)],
    ['tcp', ready.tcp()],
    ['http', ready.http('/')],
    ['http, by its status', ready.http('/', { status: 200 })],
    ['exec', ready.exec(['sh', '-c', 'test -n "$PORT"'])],
    ['all of several', ready.all(ready.log('listening'), ready.tcp(), ready.http('/'))],
    ["a probe of one's own", ready.probe('a whim', async ({ port }) => port !== undefined)],
  ])('by %s', async (_title, ready) => {
    expect(await start({ command: program('serves-http'), ready })).toBeDefined()
  })

  test.each([
    ['tcp', ready.tcp()],
    ['http', ready.http('/')],
  ])('by %s over IPv6 alone', async (_title, ready) => {
    expect(await start({ command: program('serves-http', '::1'), ready })).toContain('listening')
  })

  test('by http with a status that is no success, if that is asked for', async () => {
    const strategy = ready.http('/', { status: 404 })
    expect(await start({ command: program('serves-http', '127.0.0.1', '404'), ready: strategy })).toContain('listening')
  })

  test('by a unix socket in its directory', async () => {
    const directory = process.env.LP_STATE_DIR ?? ''
    const definition = command({
      command: program('serves-socket', 'it.sock'),
      directory,
      port: false,
      ready: ready.socket('it.sock'),
    })
    await using service = definition.create({ label: 'TRIED' })
    await service.setUp()
    expect(service.serviceConfig.port).toBe(0)
  })

  test('by a line in its log that half a megabyte of noise surrounds', async () => {
    await start({ command: program('says-between-noise', 'here I am'), ready: ready.log('here I am'), port: false })
  })

  test('when it says so, not when a text of its log looks alike', async () => {
    const strategy = ready.log(/^ready$/)
    const error = await caught(
      start({ command: program('says', 'already', 'not ready'), ready: strategy, port: false, timeoutMs: 300 }),
    )
    expect(error).toMatchObject({ code: 'ERR_NOT_READY' })
  })
})

describe('a service that ends while starting', () => {
  test('fails at once, with its exit status, its last lines and the path of its log', async () => {
    const error = await caught(
      start({ command: program('says-and-exits', 'no such luck', '3'), ready: ready.log('never'), port: false }),
    )
    expect(error).toMatchObject({ code: 'ERR_START', evidence: { label: 'TRIED', ended: 'exit status 3' } })
    expect(error.message).toContain('TRIED ended with exit status 3 while starting, before "never" in its log')
    expect(error.message).toContain('    no such luck')
    expect(error.message).toContain(join(process.env.LP_STATE_DIR ?? '', 'logs'))
  })

  test('fails also when it looks ready at the moment of its end', async () => {
    const isOver = (pid: number): boolean => pid > 0 && [undefined, 'Z'].includes(readStat(pid)?.state)
    const strategy = ready.probe('its own end', async (target) => isOver(Number(target.log.readFrom(0))))
    const error = await caught(start({ command: ['sh', '-c', 'echo $$'], ready: strategy, port: false }))
    expect(error).toMatchObject({ code: 'ERR_START', evidence: { ended: 'exit status 0' } })
  })
})

describe('a service that is never ready', () => {
  test('fails when the one deadline ends, whatever the strategies, with the last answer', async () => {
    const strategy = ready.all(ready.tcp(), ready.log('listening'), ready.http('/healthz'))
    const error = await caught(
      start({ command: program('serves-http', '127.0.0.1', '503'), ready: strategy, timeoutMs: 1_000 }),
    )
    expect(error).toMatchObject({ code: 'ERR_NOT_READY' })
    expect(error.message).toContain('was not ready within 1000 ms')
    expect(error.message).toContain('HTTP 2xx or 3xx from /healthz (last answer: HTTP 503)')
    expect(error.message).toContain('    listening on')
  })

  test('fails with the last error of a probe', async () => {
    const strategy = ready.probe('a good mood', async () => Promise.reject(new Error('grumpy')))
    const error = await caught(start({ command: program('says'), ready: strategy, port: false, timeoutMs: 300 }))
    expect(error.message).toContain('still waiting for a good mood (last answer: grumpy)')
  })

  test('fails with the exit status of the command that was asked', async () => {
    const strategy = ready.exec(['sh', '-c', 'exit 7'])
    const error = await caught(start({ command: program('says'), ready: strategy, port: false, timeoutMs: 500 }))
    expect(error.message).toContain('exit code 7')
  })
})

describe('a strategy that cannot work', () => {
  test.each([
    ['exec', () => ready.exec('pg_isready' as never)],
    ['http', () => ready.http({ path: '/' } as never)],
  ])('refuses a wrong argument of %s, with an example', (_name, make) => {
    expect(make).toThrow(expect.objectContaining({ code: 'ERR_CONFIG', message: expect.stringContaining('such as') }))
  })

  test('fails at once: a command that is not there', async () => {
    const error = await caught(start({ command: program('says'), ready: ready.exec(['no-such-program']), port: false }))
    expect(error).toMatchObject({ code: 'ERR_MISSING_BINARY' })
  })

  test('fails at once: a port where the service has none', async () => {
    const error = await caught(start({ command: program('says'), ready: ready.tcp(), port: false }))
    expect(error).toMatchObject({ code: 'ERR_STATE' })
  })
})
