import { expect, test } from 'vitest'
import { splitLine } from '../../../src/cli/completion/split-line.ts'

test.each([
  ['', ['']],
  ['a', ['a']],
  ['a ', ['a', '']],
  ['a  b', ['a', 'b']],
  ['  a', ['a']],
  [`a 'b c' "d $x \\" e" f\\ g`, ['a', 'b c', 'd $x " e', 'f g']],
  [`a 'b c`, ['a', 'b c']],
  ['a "b c', ['a', 'b c']],
  ['a --x=', ['a', '--x=']],
  ['a $(touch x)', ['a', '$(touch', 'x)']],
])('the line "%s" has these words', (line, words) => {
  expect(splitLine(line)).toEqual(words)
})
