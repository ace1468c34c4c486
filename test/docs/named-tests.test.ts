import { existsSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { documents, readDocument, root } from '../support/documents.ts'
import { titlesIn } from './test-titles.ts'

/** A document names tests: `` `faults/killed`: *killed at … random instants of its start-up leaves nothing* ``. */
interface NamedTest {
  readonly file: string
  /** Part of the title, with those of its groups in front; "…" stands for what is left out, or differs. */
  readonly title: string
}

/** What stands in italics after the name of a test file, on the same line. */
function testsNamedIn(document: string): NamedTest[] {
  return document.split('\n').flatMap((line) => {
    let file = ''
    return Array.from(line.matchAll(/`([a-z]+\/[a-z/-]+)`|(?<!\*)\*([^*]+)\*(?!\*)/g), ([, path, title]) => {
      if (path !== undefined) file = existsSync(fileOf(path)) ? path : ''
      return { file, title: title ?? '' }
    }).filter((named) => named.file !== '' && named.title !== '')
  })
}

function fileOf(path: string): string {
  return `${root}test/${path}.test.ts`
}

function isTitleOf(named: string, title: string): boolean {
  const parts = named.split('…').map((part) => part.trim().replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&'))
  return new RegExp(parts.join('.*')).test(title)
}

test.each(documents)('%s names tests that exist', (name) => {
  const missing = testsNamedIn(readDocument(name)).filter(({ file, title }) => {
    return !titlesIn(readFileSync(fileOf(file), 'utf8')).some(({ full }) => isTitleOf(title, full))
  })
  expect(missing.map(({ file, title }) => `${file}: ${title}`)).toEqual([])
})

test('the proofs name tests', () => {
  expect(testsNamedIn(readDocument('docs/proofs.md')).length).toBeGreaterThan(50)
})
