import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const root = fileURLToPath(new URL('../..', import.meta.url))

/** Words that the glossary has replaced, with the word to use. Parts of identifiers count: `wantedQuarry`. */
const retired: readonly (readonly [word: RegExp, instead: string])[] = [
  [/quarry|\bhunts?\b/i, 'termination target'],
  [/hurr(y|ied|ies)/i, 'force signal, forced'],
  [/witness/i, 'change detector'],
  [/catalogue/i, 'registry'],
  [/(?<!\.)\bslices?\b/i, 'tenant, client database, or log excerpt'],
  [/farewell|#vacate|\bgreet\b|\banticipate/i, 'a plain word'],
  [/\bbecome\(/, 'as user'],
  [/\bTouched|isUntouched/, 'changes, unchanged'],
  [/\bparked\b/i, 'idle'],
  [/\bundo\(|undo[A-Z]|Undo/, 'reclaim, or clean up'],
  [/circumstances/i, 'state'],
  [/\bhears?\b|\bheard\b/, 'on…, received'],
  [/\b(he|she|him|her|his)\b/i, 'it, they'],
]

const files = ['src', 'fixtures'].flatMap((folder) =>
  readdirSync(`${root}${folder}`, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => `${folder}/${name}`),
)

test('retired words are in no source', () => {
  const found = files.flatMap((file) =>
    readFileSync(root + file, 'utf8')
      .split('\n')
      .flatMap((line, index) =>
        retired.flatMap(([word, instead]) => (word.test(line) ? [`${file}:${index + 1}: ${word} → ${instead}`] : [])),
      ),
  )
  expect(found).toEqual([])
})

test('the glossary has at most 45 terms, each once', () => {
  const rows = readFileSync(`${root}docs/glossary.md`, 'utf8').matchAll(/^\| (?!term|---)([^|]+) \|/gm)
  const terms = Array.from(rows, ([, term]) => term)
  expect(terms.length).toBeLessThanOrEqual(45)
  expect(new Set(terms).size).toBe(terms.length)
})
