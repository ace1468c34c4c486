import { describe, expect, test } from 'vitest'
import { printFailure, printUnset } from '../../src/shell/format.ts'
import { printEnvironment, runIn, shellsUnderTest, testIn } from './installed-shells.ts'

describe.each(shellsUnderTest)('$name', (shell) => {
  for (const evaluation of shell.evaluations) {
    testIn(shell, `unsets what is set and what is not by ${evaluation}`, () => {
      const text = printUnset(['V_ONE', 'V_TWO_PATH', 'V_NEVER_SET'], shell.format)
      const environment = { V_ONE: '1', V_TWO_PATH: 'a:b', V_KEPT: '3' }
      const and = shell.format === 'fish' ? 'or exit 9' : shell.format === 'csh' ? 'if ($status) exit 9' : '|| exit 9'
      const separator = shell.format === 'fish' || shell.format === 'csh' ? '\n' : ' '
      const script = `${evaluation}${separator}${and}\n${printEnvironment}\n`
      const { stdout, stderr, status } = runIn(shell, { text, script, environment })
      expect({ stderr, status }).toEqual({ stderr: '', status: 0 })
      const names = Object.keys(JSON.parse(stdout) as object).filter((name) => name.startsWith('V_'))
      expect(names).toEqual(['V_KEPT'])
    })

    testIn(shell, `gets a status other than 0 from a failure by ${evaluation}`, () => {
      const { status, stderr } = runIn(shell, { text: printFailure(shell.format), script: `${evaluation}\n` })
      expect({ status, stderr }).toEqual({ status: 1, stderr: '' })
    })
  }
})

describe('without a shell', () => {
  test('PowerShell throws, and removes by $null', () => {
    expect(printFailure('powershell')).toMatch(/^throw '[^']*';\n$/)
    expect(printUnset(['A', 'B'], 'powershell')).toBe('$env:A = $null;\n$env:B = $null;\n')
  })

  test('a failure leaves files empty', () => {
    expect(['dotenv', 'json', 'github'].map((format) => printFailure(format as 'json'))).toEqual(['', '', ''])
  })

  test('files say unset as well as they can', () => {
    expect(printUnset(['A', 'B'], 'dotenv')).toBe('')
    expect(JSON.parse(printUnset(['A', 'B'], 'json'))).toEqual({ A: null, B: null })
    expect(printUnset(['A', 'B'], 'github')).toBe('A=\nB=\n')
  })
})
