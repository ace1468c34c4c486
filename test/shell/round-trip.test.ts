import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { printVariables } from '../../src/shell/format.ts'
import { cases } from '../support/repeats.ts'
import { hostileVariables, seed } from './hostile-values.ts'
import { printEnvironment, runIn, type ShellUnderTest, shellsUnderTest, testIn } from './installed-shells.ts'

const variables = hostileVariables()

interface Options {
  readonly before?: string
  readonly environment?: Readonly<Record<string, string>>
}

/** What a child of the shell finds in its environment after the shell has evaluated our text. */
function readBack(shell: ShellUnderTest, evaluation: string, { before = '', environment = {} }: Options = {}) {
  const text = printVariables(variables, shell.format)
  const script = `${before}\n${evaluation}\n${printEnvironment}\n`
  const { stdout, stderr } = runIn(shell, { text, script, environment })
  expect(stderr).toBe('')
  const all = JSON.parse(stdout) as Record<string, string>
  return Object.fromEntries(Object.entries(all).filter(([name]) => name.startsWith('V_')))
}

describe(`seed ${seed}: SHELL_SEED=${seed} repeats it`, () => {
  describe.each(shellsUnderTest)('$name', (shell) => {
    // Each of tcsh's takes a second.
    const few = shell.format === 'csh' ? shell.evaluations.slice(0, 1) : shell.evaluations
    for (const evaluation of cases(few, shell.evaluations)) {
      testIn(shell, `${Object.keys(variables).length} hostile values are exact by ${evaluation}`, () => {
        expect(readBack(shell, evaluation)).toEqual(variables)
      })
    }

    const inC = shell.evaluationInC
    testIn(shell, `they are exact in the C locale, too, by ${inC}`, () => {
      expect(readBack(shell, inC, { environment: { LANG: 'C', LC_ALL: 'C' } })).toEqual(variables)
    })
  })

  const tcsh = shellsUnderTest.filter(({ format }) => format === 'csh')
  describe.each(tcsh)('$name', (shell) => {
    for (const before of cases(['set histchars = ""'], ['set backslash_quote', 'unset csubstnonl'])) {
      testIn(shell, `they are exact after ${before}`, () => {
        expect(readBack(shell, 'eval "`cat FILE`"', { before })).toEqual(variables)
      })
    }
  })
})

describe('an interactive tcsh', () => {
  const interactive = 'tcsh'
  const shell = shellsUnderTest.find(({ format }) => format === 'csh') as ShellUnderTest
  testIn(shell, 'expands no history in a value', () => {
    const text = printVariables({ V: 'a!b !! !1 \\! ^x^y' }, 'csh').trimEnd()
    // The warnings that it has no terminal, and its first prompt, come before.
    const input = `set prompt = ""\n${text}\n${printEnvironment}\n`
    const { stdout } = spawnSync(interactive, ['-fi'], { input, encoding: 'utf8', env: { PATH: process.env.PATH } })
    expect(JSON.parse(/\{.*\}/.exec(stdout)?.[0] ?? stdout)).toMatchObject({ V: 'a!b !! !1 \\! ^x^y' })
  })
})

describe('eval $(…) without quotes', () => {
  const safe = {
    V_URL: 'postgres://u:p%40@127.0.0.1:5432/db',
    V_B64: 'ab+/==',
    V_LIST: 'DB,API',
    V_PATH: '/tmp/a-b_c.d',
  }
  describe.each(shellsUnderTest.filter(({ evaluations }) => evaluations.includes('. FILE')))('$name', (shell) => {
    testIn(shell, 'is exact for values that need no quotes', () => {
      const script = `eval $(cat FILE)\n${printEnvironment}\n`
      const { stdout } = runIn(shell, { text: printVariables(safe, shell.format), script })
      expect(JSON.parse(stdout)).toMatchObject(safe)
    })
  })

  test('prints such values as they are', () => {
    expect(printVariables(safe, 'sh')).not.toContain("'")
  })
})

test('no value was run as a command', () => {
  expect(existsSync('/tmp/test-services-was-injected')).toBe(false)
})
