import { expect, test } from 'vitest'
import { TaggedOutput } from '../../../src/service/script/tagged-output.ts'

test('each line has its tag once, with a carriage return in it or at its end', () => {
  const written: string[] = []
  const output = new TaggedOutput('[x] ', { write: (bytes) => void written.push(bytes.toString()), note: () => {} })
  output.write(Buffer.from('one\r\n\n10%\r20%\nü\u2028\n'))
  output.flush()
  expect(written.join('')).toBe('[x] one\r\n[x] \n[x] 10%\r20%\n[x] ü\u2028\n')
})
