import { expect, test } from 'vitest'
import { printUnset, printVariables } from '../../src/shell/format.ts'
import { hostileVariables, seed } from './hostile-values.ts'

/** The rules of the runner (`FileCommandManager.cs`): `NAME<<DELIMITER`, lines, the delimiter on a line of its own. */
function readAsRunner(text: string): Record<string, string> {
  const lines = text.split('\n')
  const variables: Record<string, string> = {}
  for (let line = lines.shift(); line; line = lines.shift()) {
    const [name = '', delimiter = ''] = line.split('<<')
    expect(delimiter).not.toBe('')
    variables[name] = lines.splice(0, lines.indexOf(delimiter)).join('\n')
    lines.shift()
  }
  return variables
}

test(`hostile values read back by the runner's rules (SHELL_SEED=${seed})`, () => {
  const variables = hostileVariables()
  expect(readAsRunner(printVariables(variables, 'github'))).toEqual(variables)
})

test('the delimiter is another each time and nowhere in the value', () => {
  const delimiters = [1, 2].map(() => /^A<<(.+)$/m.exec(printVariables({ A: 'x' }, 'github'))?.[1])
  expect(delimiters[0]).toMatch(/^test-services-[0-9a-f-]{36}$/)
  expect(delimiters[1]).not.toBe(delimiters[0])
})

test('unset variables become empty', () => {
  expect(printUnset(['A'], 'github')).toBe('A=\n')
})
