import { appendFileSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { LogFile } from '../../src/process/log-file.ts'
import { useCleanState } from '../support/left-nothing.ts'

const { stateDirectory } = useCleanState()

function createLog(name: string, text: string): LogFile {
  const directory = join(stateDirectory, name)
  mkdirSync(directory)
  writeFileSync(join(directory, 'service.log'), text)
  return new LogFile(join(directory, 'service.log'))
}

test('the tail is the last 20 lines', () => {
  const lines = Array.from({ length: 100 }, (_, index) => `line ${index}`)
  const log = createLog('lines', `${lines.join('\n')}\n`)
  expect(log.tail().split('\n')).toEqual(lines.slice(-20))
  expect(log.tail(1)).toBe('line 99')
})

test('reading is bounded by 64 KiB, however long the log', () => {
  const log = createLog('long', 'x'.repeat(10_000_000))
  expect(log.tail().length).toBe(64 * 1024)
})

test('a log file returns the text written since a mark', () => {
  const log = createLog('mark', 'before\n')
  const mark = log.size()
  appendFileSync(log.path, 'after\n')
  expect(log.readFrom(mark)).toBe('after\n')
})

test('a log that is not there is empty', () => {
  const log = new LogFile(join(stateDirectory, 'none.log'))
  expect([log.tail(), log.size(), log.keep(join(stateDirectory, 'kept-none'))]).toEqual(['', 0, log.path])
})

test('the newest 20 kept copies stay, each at most 4 MiB, for this user only', () => {
  const kept = join(stateDirectory, 'kept')
  for (let index = 0; index < 30; index++) createLog(`keep-${index}`, `log ${index}`).keep(kept)
  const copy = createLog('huge', `${'x'.repeat(5 * 1024 * 1024)}end`).keep(kept)
  expect(readdirSync(kept)).toHaveLength(20)
  expect(statSync(copy)).toMatchObject({ size: 4 * 1024 * 1024, mode: 0o100600 })
  expect(readFileSync(copy, 'utf8').endsWith('xend')).toBe(true)
})

test('a log that is kept again has one copy, with what was written since', () => {
  const kept = join(stateDirectory, 'kept-again')
  const log = createLog('again', 'once\n')
  for (let index = 0; index < 19; index++) createLog(`other-${index}`, 'other').keep(kept)
  log.keep(kept)
  appendFileSync(log.path, 'twice\n')
  expect(readFileSync(log.keep(kept), 'utf8')).toBe('once\ntwice\n')
  expect(readdirSync(kept)).toHaveLength(20)
})

test('a copy that cannot be made does not hide the error it was made for', () => {
  const log = createLog('uncopied', 'text')
  expect(log.keep(join(log.path, 'not-a-directory'))).toBe(log.path)
})
