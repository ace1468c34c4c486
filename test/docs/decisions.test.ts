import { expect, test } from 'vitest'
import { documents, readDocument } from '../support/documents.ts'

const index = 'docs/decisions/README.md'
const decisions = documents.filter((document) => document.startsWith('docs/decisions/') && document !== index)

test.each(decisions)('%s has context, decision, measurements, and what would change it', (document) => {
  const headings = Array.from(readDocument(document).matchAll(/^## (.*)$/gm), ([, heading]) => heading)
  expect(headings).toEqual(['Context', 'Decision', 'What was measured', 'What would change it'])
})

test('the indexes list every page', () => {
  const links = [index, 'docs/README.md'].flatMap((document) =>
    Array.from(readDocument(document).matchAll(/\]\(([\w/-]+\.md)\)/g), ([, link]) =>
      document === index ? `docs/decisions/${link}` : `docs/${link}`,
    ),
  )
  expect(documents.filter((document) => document.startsWith('docs/') && !links.includes(document))).toEqual([
    'docs/README.md',
  ])
})
