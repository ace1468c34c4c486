import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { stripVTControlCharacters } from 'node:util'
import { describe, expect, test } from 'vitest'
import { MonitorLines } from '../../../src/cli/workflow/monitor-lines.ts'
import { describeFailed } from '../../../src/cli/workflow/workflow-text.ts'
import { writtenFiles } from '../../support/written-files.ts'

/** Returns what the terminal shows of a failed command, without the path. */
function shown(output: string, error: string, command: string | string[] = 'make'): string {
  const file = join(writtenFiles({}), 'cmd_01.output')
  writeFileSync(file, output)
  return stripVTControlCharacters(describeFailed({ command, file }, error)).replaceAll(/\S+cmd_01/g, 'cmd_01')
}

describe('the output of a failed command', () => {
  test('has its last lines without colors, and long lines cut', () => {
    const output = `\u001b[31mbad\u001b[0m\n${'x'.repeat(1_000)}\n`
    expect(shown(output, '"make" ended with exit code 2')).toBe(
      `  last lines of cmd_01.output:\n    bad\n    ${'x'.repeat(239)}…`,
    )
  })

  test('has the last state of a progress bar', () => {
    expect(shown('\r[ 50%]\r[100%] made\r\nend\r\n', '"make" ended')).toContain(':\n    [100%] made\n    end')
  })

  test('names the command if the error does not', () => {
    expect(shown('', 'the board is gone', ['test', '-e', '/dev/my board'])).toBe(
      "  test -e '/dev/my board': no output; cmd_01.output",
    )
    expect(shown('a\n', 'the board is gone', 'a'.repeat(100))).toBe(
      `  ${'a'.repeat(59)}…: last lines of cmd_01.output:\n    a`,
    )
  })
})

describe('lines of --monitor', () => {
  test('keep colors within the line, and drop moves of the cursor', () => {
    const lines = new MonitorLines('one | ')
    const output = '\u001b(B\u001b[2J\u001b[1;31mbad\r\nnext\u001b[3A\n'
    expect(lines.add(Buffer.from(output))).toBe('one | \u001b[1;31mbad\u001b[0m\none | next\n')
  })

  test('have the last state of a progress bar', () => {
    expect(new MonitorLines('').add(Buffer.from('\r 50%\r100%\n'))).toBe('100%\n')
  })

  test('drop a title of the terminal, even without its end', () => {
    expect(new MonitorLines('').add(Buffer.from('a\u001b]0;title\nb\u001b]0;title\u0007c\n'))).toBe('a\nbc\n')
  })
})
