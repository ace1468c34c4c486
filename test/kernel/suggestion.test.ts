import { expect, test } from 'vitest'
import { didYouMean, nearest } from '../../src/kernel/suggestion.ts'

test.each([
  ['wbe', ['api', 'web'], 'web'],
  ['postgers', ['postgres', 'librarian'], 'postgres'],
  ['jsno', ['bash', 'json'], 'json'],
  ['db', ['postgres', 'librarian'], undefined],
  ['db', ['web'], undefined],
  ['yaml', ['sh', 'bash', 'json'], undefined],
  ['web', [], undefined],
])('the nearest name to %s among %j is %s', (name, known, meant) => {
  expect(nearest(name, known)).toBe(meant)
  expect(didYouMean(name, known)).toBe(meant === undefined ? '' : ` (did you mean "${meant}"?)`)
})
