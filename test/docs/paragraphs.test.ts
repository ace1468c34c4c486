import { expect, test } from 'vitest'
import { documents, readDocument } from '../support/documents.ts'

const longest = 300

/** Pages that are not read from top to bottom: the figures of the bench, and which test proves what. */
const references = ['docs/benchmarks.md', 'docs/proofs.md']

/** Paragraphs, list items and cells of tables, as a reader sees them: without the targets of links. */
function paragraphsOf(text: string): string[] {
  const prose = text.replaceAll(/^```.*?^```$/gms, '').replaceAll(/\]\([^)]*\)/g, ']')
  return prose
    .split(/\n{2,}|\n(?=\s*(?:[-|]|\d+\.) ?)/)
    .flatMap((part) => (part.startsWith('|') ? part.split('|') : [part]))
    .map((part) => part.trim())
}

test.each(documents.filter((document) => !references.includes(document)))('%s has no long paragraph', (document) => {
  const long = paragraphsOf(readDocument(document)).filter(({ length }) => length > longest)
  expect(long.map((paragraph) => `${paragraph.length}: ${paragraph.slice(0, 60)}`)).toEqual([])
})

test.each(documents)('%s has an example or a table near its top', (document) => {
  const [, above = '', found] = /^#[^\n]*\n(.*?)^(```|\||!\[|- )/ms.exec(readDocument(document)) ?? []
  expect(found).toBeDefined()
  expect(above.trim().length).toBeLessThanOrEqual(longest)
})
