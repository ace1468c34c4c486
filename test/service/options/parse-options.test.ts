import * as v from 'valibot'
import { expect, test } from 'vitest'
import { command, script } from '../../../src/index.ts'
import { parseOptions } from '../../../src/service/options/parse-options.ts'

const schema = v.strictObject({
  command: v.pipe(v.array(v.string()), v.nonEmpty()),
  port: v.optional(v.union([v.literal(false), v.pipe(v.number(), v.integer('an integer'))])),
  stop: v.optional(v.array(v.strictObject({ signal: v.string(), graceMs: v.number() }))),
  values: v.optional(v.union([v.function(), v.record(v.string(), v.union([v.string(), v.number()]))])),
  password: v.optional(v.string()),
  token: v.optional(
    v.pipe(
      v.string(),
      v.check((text) => text.length > 8, 'a longer text'),
    ),
  ),
  even: v.optional(
    v.pipe(
      v.number(),
      v.check((n) => n % 2 === 0, 'an even number'),
    ),
  ),
})

function problemsOf(value: unknown): string[] {
  try {
    parseOptions(schema, value, 'here()')
    return []
  } catch (thrown) {
    return (thrown as Error).message.split('\n')
  }
}

test.each([
  ['nothing wrong', { command: ['a'] }, []],
  ['a missing key', {}, ['here().command: missing']],
  ['a wrong type', { command: 1 }, ['here().command: expected a list, but got 1']],
  ['a wrong type inside', { command: ['a', 2] }, ['here().command.1: expected string, but got 2']],
  [
    'a number in place of a secret',
    { command: ['a'], password: 4711 },
    ['here().password: expected string, but got 4711'],
  ],
  [
    'a secret that is refused, without its text',
    { command: ['a'], token: 'geheim' },
    ['here().token: expected a longer text, but got another value'],
  ],
  ['an empty list', { command: [] }, ['here().command: expected at least one, but got 0']],
  ['a choice', { command: ['a'], port: 'x' }, ['here().port: expected (false | number), but got "x"']],
  [
    'a wrong type inside one of several forms',
    { command: ['a'], values: { A: true } },
    ['here().values.A: expected (string | number), but got true'],
  ],
  ['a number that is not whole', { command: ['a'], port: 1.5 }, ['here().port: expected an integer, but got 1.5']],
  ['a check of its own', { command: ['a'], even: 3 }, ['here().even: expected an even number, but got 3']],
  ['something else altogether', 'text', ['here(): expected an object, but got "text"']],
  [
    'an unknown key, with the nearest name',
    { command: ['a'], prot: 1 },
    [
      'here().prot: unknown key (did you mean "port"?); expected one of command, port, stop, values, password, token, even',
    ],
  ],
  [
    'an unknown key inside, with the nearest name there',
    { command: ['a'], stop: [{ signal: 'SIGTERM', graceMs: 1, grace: 1 }] },
    ['here().stop.0.grace: unknown key (did you mean "graceMs"?); expected one of signal, graceMs'],
  ],
  [
    'an unknown key that is near to none',
    { command: ['a'], directory: 1 },
    ['here().directory: unknown key; expected one of command, port, stop, values, password, token, even'],
  ],
])('tells of %s', (_title, value, problems) => {
  expect(problemsOf(value)).toEqual(problems)
})

test('"environment" of a command is "variables" of a script', () => {
  const unknown = { onEnter: { command: ['a'] }, environment: {} }
  expect(() => script(unknown as never)).toThrow('script().environment: unknown key (did you mean "variables"?)')
  expect(() => command({ command: ['a'], variables: {} } as never)).toThrow('(did you mean "environment"?)')
})
