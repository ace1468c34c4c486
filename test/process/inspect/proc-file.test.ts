import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { readProcFile } from '../../../src/process/inspect/proc-file.ts'

test('a list that is longer than a page is read to its end', () => {
  const lines = (text: string): (string | undefined)[] => text.split('\n').map((line) => line.split(' ')[0])
  const text = readProcFile('/proc/self/maps') ?? ''
  expect(text.length).toBeGreaterThan(4096)
  expect(lines(text).at(-2)).toEqual(lines(readFileSync('/proc/self/maps', 'latin1')).at(-2))
})

test('a missing file, or a process that has ended, is no error', () => {
  expect(readProcFile('/proc/0/stat')).toBeUndefined()
})
