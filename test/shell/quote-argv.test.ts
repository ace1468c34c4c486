import { spawnSync } from 'node:child_process'
import { describe, expect, test } from 'vitest'
import { UsageError } from '../../src/kernel/errors.ts'
import { quoteArguments } from '../../src/shell/quote-argv.ts'
import { hostileVariables, seed } from './hostile-values.ts'
import { runIn, shellsUnderTest, testIn } from './installed-shells.ts'

const posixShells = shellsUnderTest.filter(({ evaluations }) => evaluations.includes('. FILE'))

describe.each(posixShells)('$name', (shell) => {
  testIn(shell, `runs the command line with hostile arguments as it was (SHELL_SEED=${seed})`, () => {
    const values = Object.values(hostileVariables())
    const argv = [process.execPath, '-p', 'JSON.stringify(process.argv.slice(1))', '--', ...values]
    const { stdout, stderr } = runIn(shell, { text: quoteArguments(argv), script: '. FILE' })
    expect(stderr).toBe('')
    expect(JSON.parse(stdout)).toEqual(values)
  })
})

test('plain arguments stay as they are', () => {
  expect(quoteArguments(['postgres', '-D', '/tmp/a_b', '-c', 'port=5432'])).toBe('postgres -D /tmp/a_b -c port=5432')
})

test('others are quoted, the empty one too', () => {
  expect(quoteArguments(['sh', '-c', "echo 'a b'", '', '~', '=ls'])).toBe("sh -c 'echo '\\''a b'\\' '' '~' '=ls'")
})

test('a command with an equals sign is no assignment', () => {
  expect(quoteArguments(['A=b', 'C=d'])).toBe("'A=b' C=d")
  expect(spawnSync('sh', ['-c', quoteArguments(['A=b', 'c'])]).status).toBe(127)
})

test('a NUL is refused', () => {
  expect(() => quoteArguments(['a', 'b\0'])).toThrow(UsageError)
})
