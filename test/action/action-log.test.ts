import { closeSync, openSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { ActionLog } from '../../src/action/action-log.ts'
import { useCleanState } from '../support/left-nothing.ts'

const { stateDirectory } = useCleanState()

test('output after the end is dropped, not written to a file with the same descriptor', () => {
  const log = new ActionLog(join(stateDirectory, 'log'))
  log.note('INFO', 'before')
  log.close()
  const paths = ['one', 'two', 'three'].map((name) => join(stateDirectory, name))
  const descriptors = paths.map((path) => openSync(path, 'a'))
  log.note('INFO', 'after')
  log.write(Buffer.from('after\n'))
  descriptors.forEach(closeSync)
  expect(paths.map((path) => readFileSync(path, 'utf8'))).toEqual(['', '', ''])
  expect(readFileSync(log.file.path, 'utf8')).toMatch(/INFO before\n$/)
})
