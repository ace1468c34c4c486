import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { readDocument, root } from '../support/documents.ts'

test('docs/troubleshooting.md has a row for each error code, with cause and cure', () => {
  const codes = readFileSync(join(root, 'src/kernel/errors.ts'), 'utf8').matchAll(/^ {2}\| '(ERR_\w+)'/gm)
  const rows = readDocument('docs/troubleshooting.md').matchAll(/^\| `(ERR_\w+)` \| \S.* \| \S.* \|$/gm)
  const namesOf = (found: Iterable<RegExpMatchArray>): string[] => Array.from(found, ([, name = '']) => name).sort()
  expect(namesOf(rows)).toEqual(namesOf(codes))
})
