import { expect, test } from 'vitest'
import { printVariables } from '../../src/shell/format.ts'
import { hostileVariables, seed } from './hostile-values.ts'

/**
 * PowerShell is in no Debian archive, so its reading is done here by its documented rules: in single quotes only
 * `''` is special, and `Regex.Unescape` takes `\\` and `\uXXXX`, the two escapes that we write.
 */
const STATEMENT = /^\$env:([A-Za-z0-9_]+) = (?:'((?:[^']|'')*)'|\[regex\]::Unescape\('((?:[^']|'')*)'\));$/

function unescapeRegex(text: string): string {
  return text.replace(/\\(?:\\|u([0-9a-f]{4}))/g, (_, unit?: string) =>
    unit === undefined ? '\\' : String.fromCharCode(Number.parseInt(unit, 16)),
  )
}

function read(line: string): [string, string] {
  const [, name = '', literal, escaped] = STATEMENT.exec(line) ?? []
  expect(name, line).not.toBe('')
  const text = (literal ?? escaped ?? '').replaceAll("''", "'")
  return [name, literal === undefined ? unescapeRegex(text) : text]
}

test(`hostile values are one line each and read back (SHELL_SEED=${seed})`, () => {
  const variables = hostileVariables()
  const lines = printVariables(variables, 'powershell').trimEnd().split('\n')
  expect(Object.fromEntries(lines.map(read))).toEqual(variables)
})

test('the text is printable ASCII, whatever the code page and the typographic quotes', () => {
  expect(printVariables(hostileVariables(), 'powershell')).toMatch(/^[\n -~]*$/)
})

test('a backslash alone needs no Unescape', () => {
  expect(printVariables({ A: 'C:\\new' }, 'powershell')).toBe("$env:A = 'C:\\new';\n")
})
