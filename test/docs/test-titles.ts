import { readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const tests = fileURLToPath(new URL('..', import.meta.url))

/** Paths of the test files from `test/`, without those of the projects that are run by tests. */
export function testFiles(): string[] {
  const names = readdirSync(tests, { recursive: true, encoding: 'utf8' })
  return names.filter((name) => name.endsWith('.test.ts') && !name.startsWith('vitest/projects/'))
}

/** A title as it stands in the source, placeholders and all. */
export interface TestTitle {
  readonly title: string
  /** The title after those of the groups around it. */
  readonly full: string
}

/** Finds the titles of the tests and groups in the text of a test file. */
export function titlesIn(source: string): TestTitle[] {
  const calls = source.matchAll(/^( *)(?:(?:test|describe)\b.*?|\](?: as const)?\))\(\s*(['"`])((?:\\.|(?!\2).)*)\2,/gm)
  const groups: { indent: number; title: string }[] = []
  return Array.from(calls, ([, spaces = '', , quoted = '']) => {
    while ((groups.at(-1)?.indent ?? -1) >= spaces.length) groups.pop()
    const title = quoted.replaceAll(/\\(.)/g, '$1')
    groups.push({ indent: spaces.length, title })
    return { title, full: groups.map((group) => group.title).join(' ') }
  })
}
