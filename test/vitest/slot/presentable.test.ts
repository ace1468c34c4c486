import { describe, expect, test } from 'vitest'
import { asError, ConfigError, ServiceError } from '../../../src/kernel/errors.ts'
import { withPresentableErrors } from '../../../src/vitest/slot/presentable.ts'
import { caught } from '../../support/caught.ts'

const shownOf = (thrown: unknown): Promise<Error> => caught(withPresentableErrors(() => Promise.reject(thrown)))
const placesIn = ({ stack = '' }: Error): string[] => stack.split('\n').filter((line) => /^\s*at /.test(line))

describe('an error of ours, as a reader of Vitest wants it', () => {
  test('tells no place in code, also where the log of a service does', async () => {
    const logTail = 'Error: in the server\n    at Server.answer (/app/server.js:1:1)'
    const thrown = new ServiceError('ERR_SERVICE_DIED', 'API died', { label: 'API', logTail })
    const shown = await shownOf(thrown)
    expect(shown).toMatchObject({ name: 'ServiceError', code: 'ERR_SERVICE_DIED', message: thrown.message })
    expect(placesIn(shown)).toEqual([])
  })

  test('about a server in ES module syntax does not make Vitest advise on packages', async () => {
    const message = "Cannot use import statement outside a module\nUnexpected token 'export'"
    const shown = await shownOf(new ServiceError('ERR_START', 'API ended', { label: 'API', logTail: message }))
    expect(shown.message).toContain('Cannot use import statement outside a module')
    expect(shown.stack).not.toMatch(/Cannot use import statement outside a module|Unexpected token 'export'/)
  })

  test('has a stack of its own, by which Vitest tells it from others', async () => {
    const stacks = ['API died', 'DB died'].map(async (message) => (await shownOf(new ConfigError(message))).stack)
    expect(new Set(await Promise.all(stacks)).size).toBe(2)
  })

  test('tells where a mistake was made in a config, in the files of the user alone', async () => {
    const cause = new TypeError('no such thing')
    cause.stack = [
      'TypeError: no such thing',
      '    at environment (/project/test-services.config.ts:3:7)',
      '    at load (/project/node_modules/library/index.js:1:1)',
      '    at node:internal/process/task_queues:95:5',
    ].join('\n')
    const shown = await shownOf(new ConfigError('it threw', { cause }))
    expect(placesIn(shown)).toEqual(['    at environment (/project/test-services.config.ts:3:7)'])
  })

  test('is the whole message of several, under the name of the first', async () => {
    const shown = await shownOf(new AggregateError([new ConfigError('one'), asError('two')], 'one\ntwo'))
    expect(shown).toMatchObject({ name: 'ConfigError', message: 'one\ntwo' })
  })
})

test('an error that is not ours stays as it is', async () => {
  const error = new TypeError('theirs')
  expect(await shownOf(error)).toBe(error)
})
