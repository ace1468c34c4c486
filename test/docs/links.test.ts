import { existsSync, readFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import { expect, test } from 'vitest'
import { documents, readDocument, root } from '../support/documents.ts'

interface Link {
  readonly from: string
  /** The linked file, relative to the repository. */
  readonly file: string
  readonly anchor: string | undefined
}

function linksOf(document: string): Link[] {
  const found = readDocument(document).matchAll(/\]\((?!https?:)([^)#]*)(?:#([^)]+))?\)/g)
  return Array.from(found, ([, path, anchor]) => {
    const file = path ? normalize(join(dirname(document), path)) : document
    return { from: document, file, anchor }
  })
}

/** Anchors of the headings, as GitHub makes them. */
function anchorsOf(document: string): string[] {
  const headings = readDocument(document).matchAll(/^#+ (.+)$/gm)
  return Array.from(headings, ([, heading = '']) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  )
}

const links = documents.flatMap(linksOf)

test('documents link to files that exist', () => {
  expect(links.length).toBeGreaterThan(50)
  expect(links.filter(({ file }) => !existsSync(join(root, file)))).toEqual([])
})

test('documents link to headings that exist', () => {
  const anchored = links.filter(({ file, anchor }) => anchor !== undefined && file.endsWith('.md'))
  expect(anchored.filter(({ file, anchor = '' }) => !anchorsOf(file).includes(anchor))).toEqual([])
})

test('the documents of the package link to files of the package', () => {
  const { files } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { files: string[] }
  const packed = ['README.md', ...files]
  const isPacked = (file: string): boolean => packed.some((each) => file === each || file.startsWith(`${each}/`))
  expect(links.filter(({ from, file }) => isPacked(from) && !isPacked(file))).toEqual([])
})

/** Where the paths in documents begin: in the repository, or in `src`. */
const bases = ['', 'src', 'src/vitest']

test('documents name source files that exist', () => {
  const named = documents.flatMap((document) =>
    Array.from(readDocument(document).matchAll(/`([\w-]+(?:\/[\w-]+)+\.(?:m?ts|mjs))`/g), ([, path = '']) => path),
  )
  expect(named.length).toBeGreaterThan(20)
  expect(named.filter((path) => !bases.some((base) => existsSync(join(root, base, path))))).toEqual([])
})
