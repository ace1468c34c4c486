import { parseEnv } from 'node:util'
import { describe, expect, test } from 'vitest'
import { UsageError } from '../../src/kernel/errors.ts'
import { printVariables } from '../../src/shell/format.ts'
import { hostileVariables, seed } from './hostile-values.ts'

/** Docker's rules (`kvfile.go`): each line is a variable, all after `=` its value. */
function readAsDocker(text: string): Record<string, string> {
  const lines = text.split('\n').filter((line) => line !== '')
  return Object.fromEntries(lines.map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]))
}

function print(variables: Readonly<Record<string, string>>): { text: string; refused: string[] } {
  let text = ''
  const refused: string[] = []
  for (const [name, value] of Object.entries(variables)) {
    try {
      text += printVariables({ [name]: value }, 'dotenv')
    } catch (thrown) {
      expect(thrown).toBeInstanceOf(UsageError)
      refused.push(value)
    }
  }
  return { text, refused }
}

describe('dotenv', () => {
  test(`the output reads back by Node's parser, CR apart (SHELL_SEED=${seed})`, () => {
    const all = Object.entries(hostileVariables()).filter(([, value]) => !value.includes('\r'))
    const variables = Object.fromEntries(all)
    const { text, refused } = print(variables)
    const printed = Object.fromEntries(all.filter(([, value]) => !refused.includes(value)))
    expect(parseEnv(text)).toEqual(printed)
  })

  test('only what needs quotes and cannot have them is refused', () => {
    const { refused } = print(hostileVariables())
    const kinds = (value: string) => ['"', "'", '`'].filter((quote) => value.includes(quote)).length
    const excused = (value: string) => kinds(value) >= 2 || value.endsWith('\\') || /\r|\\[nr]/.test(value)
    expect(refused.filter((value) => !excused(value))).toEqual([])
  })

  test('chooses quotes that need no escapes', () => {
    const values = { A: 'a b=c', B: '', C: ' a', D: '#a', E: "it's #1", F: `"it's" #1`, G: 'a\r\nb', H: '$a' }
    const lines = ['A=a b=c', 'B=', "C=' a'", "D='#a'", `E="it's #1"`, `F=\`"it's" #1\``, 'G="a\\r\nb"', "H='$a'"]
    expect(printVariables(values, 'dotenv')).toBe(`${lines.join('\n')}\n`)
  })

  test('a value without quotes is the same to Docker', () => {
    const values = { A: 'postgres://u:p%40@h:1/d?x=1&y=2', B: 'two words', C: "it's", D: '', E: 'C:\\new' }
    expect(readAsDocker(printVariables(values, 'dotenv'))).toEqual(values)
  })

  test('names the variable that cannot be written', () => {
    expect(() => printVariables({ OK: '1', BAD: '\'"`#' }, 'dotenv')).toThrow(
      /value of BAD cannot be written for dotenv/,
    )
    expect(() => printVariables({ BAD: '#\\' }, 'dotenv')).toThrow(UsageError)
  })
})
