import { expect, test } from 'vitest'
import { command, ready } from '../../src/index.ts'
import { Session } from '../../src/session.ts'
import { caught } from '../support/caught.ts'
import { eventually } from '../support/eventually.ts'
import { useCleanState } from '../support/left-nothing.ts'
import { program } from '../support/programs.ts'

useCleanState()

let appPid = 0
const send = (signal: NodeJS.Signals): void => void process.kill(appPid, signal)
const breakConnection = (): void => send('SIGUSR1')

async function sessionWith(reset: () => void, ...argv: string[]) {
  const session = new Session({
    services: {
      store: command({ command: ['sleep', '600'], port: false, reset }),
      app: command({
        command: program('loses-its-connection', ...argv),
        port: false,
        needs: ['store'],
        ready: ready.log('up'),
      }),
    },
  })
  await session.enter()
  appPid = session.services.get('app')?.pid ?? 0
  return session
}

test('a service that dies of the reset of its need says so, with its first error', async () => {
  await using session = await sessionWith(breakConnection, 'dies')
  await session.reset({ only: ['store'] })
  await session.services.get('app')?.ended
  const error = await caught(session.check({ only: ['app'] }))
  expect(error).toMatchObject({ code: 'ERR_SERVICE_DIED', evidence: { firstError: 'Error: the connection broke' } })
  expect(error.message).toMatch(
    /^APP died: it ended with exit status 7 after it was ready, within \d+ ms of a reset of STORE; it is not started again in silence\n {2}A reset may end connections: APP has to live through that, for example by pool\.on\('error', \(\) => \{\}\)\n/,
  )
  expect(error.message).toContain('  first error in its log:\n    Error: the connection broke\n')
})

test('a service that dies of something else shows the first error of its log', async () => {
  await using session = await sessionWith(() => {}, 'dies')
  breakConnection()
  await session.services.get('app')?.ended
  const error = await caught(session.check({ only: ['app'] }))
  expect(error.message).not.toContain('reset')
  expect(error.message).toContain('  first error in its log:\n    Error: of the start\n')
})

test.each(['SIGKILL', 'SIGUSR2'] as const)(
  'a service that %s ends after a reset does not blame the reset',
  async (signal) => {
    await using session = await sessionWith(() => {}, 'dies')
    await session.reset({ only: ['store'] })
    send(signal)
    await session.services.get('app')?.ended
    const error = await caught(session.check({ only: ['app'] }))
    expect(error).toMatchObject({ code: 'ERR_SERVICE_DIED' })
    expect(error.message).not.toContain('reset')
  },
)

test('a service that has lived through a reset shows no error of that reset', async () => {
  await using session = await sessionWith(breakConnection)
  await session.reset({ only: ['store'] })
  const app = session.services.get('app')
  await eventually('the broken connection is logged', async () => app?.log.readFrom(0).includes('broke') ?? false)
  send('SIGKILL')
  await app?.ended
  const { message } = await caught(session.check({ only: ['app'] }))
  expect(message).toContain('it ended with signal SIGKILL')
  expect(message).not.toContain('first error')
})
