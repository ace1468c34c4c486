import { execFileSync } from 'node:child_process'
import { expect, test } from 'vitest'
import { createProgram } from '../../src/cli/program.ts'
import { blocksOf, documents } from '../support/documents.ts'

const program = createProgram('0', undefined, () => {})
const subcommands = new Map(program.commands.map((command) => [command.name(), command]))
const start = subcommands.get('start')

/** The words that documents write behind `test-services`, up to the end of the command. */
function callsIn(code: string): string[][] {
  const calls = code.matchAll(/(?:npx|bin\/)[ ]?test-services((?: [\w.…=:/@,-]+)*)/g)
  return Array.from(
    calls,
    ([, words = '']) =>
      words
        .split(/ -- | --$/)[0]
        ?.split(' ')
        .filter(Boolean) ?? [],
  )
}

function unknownWords(words: readonly string[]): string[] {
  const [first = 'start', second] = words
  const command = subcommands.get(first) ?? start
  const inner = command?.commands.find((each) => each.name() === second)
  const options = [...program.options, ...(command?.options ?? []), ...(inner?.options ?? [])].flatMap(
    ({ short, long }) => [short, long],
  )
  const unknown = words.filter((word) => word.startsWith('-') && !options.includes(word))
  // Without a subcommand a word names a service.
  return first.startsWith('-') || subcommands.has(first) ? unknown : [first, ...unknown]
}

const scripts = documents.flatMap((document) => blocksOf(document, 'sh', 'yaml', 'text'))

test('documents call subcommands and options that exist', () => {
  const calls = scripts.flatMap(({ code }) => callsIn(code))
  expect(calls.length).toBeGreaterThan(20)
  expect(calls.map((words) => [words, unknownWords(words)]).filter(([, unknown]) => unknown?.length)).toEqual([])
})

test('shell scripts in documents are scripts of bash', () => {
  for (const { code } of scripts.filter(({ language }) => language === 'sh'))
    expect(() => execFileSync('bash', ['-n'], { input: code, stdio: 'pipe' }), code).not.toThrow()
})
