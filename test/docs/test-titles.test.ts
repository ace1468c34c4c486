import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { testFiles, titlesIn } from './test-titles.ts'

const tests = fileURLToPath(new URL('..', import.meta.url))
const longest = 80
const riddle = /\bshould\b|^(what|of|who|whose|as whom)\b/i

const titles = testFiles().flatMap((file) =>
  titlesIn(readFileSync(tests + file, 'utf8')).map(({ title }) => ({ file, title })),
)

test('titles of tests are found', () => {
  expect(titles.length).toBeGreaterThan(1_000)
})

test(`titles have at most ${longest} characters`, () => {
  const long = titles.filter(({ title }) => title.length > longest)
  expect(long.map(({ file, title }) => `${file}: ${title} (${title.length})`)).toEqual([])
})

test('titles state facts, and begin with a subject or a verb', () => {
  const wrong = titles.filter(({ title }) => riddle.test(title))
  expect(wrong.map(({ file, title }) => `${file}: ${title}`)).toEqual([])
})
