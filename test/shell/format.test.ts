import { describe, expect, test } from 'vitest'
import { UsageError } from '../../src/kernel/errors.ts'
import { formats, isFormat, isShell, printUnset, printVariables, shells } from '../../src/shell/format.ts'

describe('formats', () => {
  test('know their names', () => {
    expect(formats.filter((name) => !isFormat(name))).toEqual([])
    expect(shells.filter((name) => !isShell(name) || !isFormat(name))).toEqual([])
    expect([isFormat('tcl'), isFormat(''), isFormat('toString'), isShell('json')]).toEqual([false, false, false, false])
  })

  test.each(formats)('%s refuses what is no name', (format) => {
    for (const name of ['', '1A', 'A-B', 'A B', 'A=B', 'A\n', 'É', '$(id)', 'A;id']) {
      expect(() => printVariables({ [name]: 'x' }, format)).toThrow(UsageError)
      expect(() => printUnset([name], format)).toThrow(UsageError)
    }
  })

  test.each(formats)('%s refuses what no environment can hold, and names the variable', (format) => {
    expect(() => printVariables({ A: 'a\0b' }, format)).toThrow(/value of A has a NUL/)
    expect(() => printVariables({ A: 'a\ud800b' }, format)).toThrow(/value of A has half of a surrogate pair/)
  })

  test.each(formats.filter((format) => format !== 'json'))('%s prints nothing for no variables', (format) => {
    expect(printVariables({}, format)).toBe('')
    expect(printUnset([], format)).toBe('')
  })

  test('prints each shell in its own syntax, in the order given', () => {
    const variables = { B: 'plain', A: "it's\n\\!" }
    expect(Object.fromEntries(shells.map((shell) => [shell, printVariables(variables, shell)]))).toEqual({
      sh: "export B=plain;\nexport A='it'\\''s\n\\!';\n",
      bash: "export B=plain;\nexport A='it'\\''s\n\\!';\n",
      zsh: "export B=plain;\nexport A='it'\\''s\n\\!';\n",
      fish: "set -gx B 'plain';\nset -gx A 'it'\\''s'\\n\\\\'!';\n",
      csh: "setenv B 'plain';\nsetenv A 'it'\\''s'$'\\n'\\\\\\!;\n",
      powershell: "$env:B = 'plain';\n$env:A = [regex]::Unescape('it''s\\u000a\\\\!');\n",
    })
  })

  test('prints JSON that reads back', () => {
    const variables = { A: 'a\n"\\\u2028', B: '' }
    expect(JSON.parse(printVariables(variables, 'json'))).toEqual(variables)
  })
})
