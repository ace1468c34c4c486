import { expect, test, vi } from 'vitest'
import {
  asError,
  combineErrors,
  DeadlineError,
  LeftBehindError,
  ServiceError,
  TestServicesError,
} from '../../src/kernel/errors.ts'

test('a service’s error has the failure, the command, the end of its log and its path', () => {
  const evidence = { label: 'DB', command: ['postgres', '-D', 'x'], logTail: 'one\ntwo', logFile: '/logs/db.log' }
  const error = new ServiceError('ERR_START', 'DB ended with exit status 1', evidence)
  expect(error.message.split('\n')).toEqual([
    'DB ended with exit status 1',
    '  command: postgres -D x',
    '  last lines of its log:',
    '    one',
    '    two',
    '  whole log: /logs/db.log',
  ])
  expect([error.name, error.code]).toEqual(['ServiceError', 'ERR_START'])
})

test('an error of another copy of this package is known as what it is', async () => {
  vi.resetModules()
  const other = await import('../../src/kernel/errors.ts')
  expect(other.DeadlineError).not.toBe(DeadlineError)
  const late = new other.DeadlineError('waiting', 5)
  const known = [TestServicesError, DeadlineError, ServiceError].map((kind) => late instanceof kind)
  expect(known).toEqual([true, true, false])
  expect(
    [{}, undefined, new Error('DeadlineError')].map((value) => (value as unknown) instanceof DeadlineError),
  ).toEqual([false, false, false])
})

test('leftovers are named', () => {
  const error = new LeftBehindError('run x', ['process 1', 'claim y'])
  expect(error.message).toContain('could not remove process 1, claim y')
  expect(error.leftovers).toEqual(['process 1', 'claim y'])
})

test('one error stays itself, several follow the first', () => {
  const [first, second] = [new Error('first'), new Error('second')]
  expect(combineErrors([first])).toBe(first)
  expect(combineErrors([first, second])).toMatchObject({ errors: [first, second], message: 'first\nsecond' })
})

test('several errors have the first code of ours among them', () => {
  const [foreign, deadline] = [new Error('foreign'), new DeadlineError('waiting', 5)]
  const left = new LeftBehindError('run x', ['process 1'])
  expect(combineErrors([foreign, deadline, left])).toMatchObject({ code: 'ERR_DEADLINE' })
  expect(combineErrors([foreign, foreign])).not.toHaveProperty('code')
})

test('an error and the errors of disposals after it become one, the cause first', async () => {
  const work = async (): Promise<void> => {
    await using _outer = { [Symbol.asyncDispose]: () => Promise.reject(new Error('outer')) }
    using _inner = { [Symbol.dispose]: () => thrower('inner') }
    thrower('cause')
  }
  const error = asError(await work().catch((thrown) => thrown)) as AggregateError
  expect(error.errors.map(({ message }) => message)).toEqual(['cause', 'inner', 'outer'])
})

function thrower(message: string): never {
  throw new Error(message)
}
