import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { firstErrorIn } from '../../src/process/first-error.ts'
import { LogFile } from '../../src/process/log-file.ts'

const directory = mkdtempSync(join(tmpdir(), 'ts-first-error-'))
const log = new LogFile(join(directory, 'log'))
afterAll(() => rmSync(directory, { recursive: true }))

test.each([
  ["      throw er; // Unhandled 'error' event\n\nerror: terminating connection\n", 'error: terminating connection'],
  ['up\n    TypeError: x is not a function\n      at y\n', 'TypeError: x is not a function'],
  ['Caused by: java.io.IOException: broken\n', 'Caused by: java.io.IOException: broken'],
  ['2026-01-01 [7] FATAL:  no\n', '2026-01-01 [7] FATAL:  no'],
  ['12:00 ERROR com.example - no\n', '12:00 ERROR com.example - no'],
  ['12:00 [info] <0.1.0> up\n12:01 [error] <0.9.0> no\n', '12:01 [error] <0.9.0> no'],
  ['[7] 12:00 [INF] up\n[7] 12:01 [FTL] no\n', '[7] 12:01 [FTL] no'],
  ['panic: runtime error: index\n', 'panic: runtime error: index'],
  ['{"level":"info"}\n{"level":"error","msg":"no"}\n', '{"level":"error","msg":"no"}'],
  ['{"level":30}\n{"level":50,"msg":"no"}\n', '{"level":50,"msg":"no"}'],
  [
    '\n*** FATAL CONFIG FILE ERROR ***\nAt line 8\n>>> "x lots"\nno value\n',
    '*** FATAL CONFIG FILE ERROR *** At line 8 >>> "x lots" no value',
  ],
  ['0 errors, no error found, error_log is on\nlistening for errors\n', undefined],
])('in %j the first error is found', (text, line) => {
  writeFileSync(log.path, text)
  expect(firstErrorIn(log)).toBe(line)
})

test('lines before the mark do not count', () => {
  writeFileSync(log.path, 'error: old\n')
  const mark = log.size()
  writeFileSync(log.path, 'error: new\n', { flag: 'a' })
  expect([firstErrorIn(log), firstErrorIn(log, { mark })]).toEqual(['error: old', 'error: new'])
})

test('a lost connection counts if there is no other error, or if it is asked for', () => {
  const [lost, other] = ['error: terminating connection due to a reset', 'error: no luck']
  writeFileSync(log.path, `${lost}\n`)
  expect([firstErrorIn(log), firstErrorIn(log, { lostConnections: 'ignore' })]).toEqual([lost, undefined])
  writeFileSync(log.path, `${lost}\n${other}\n`)
  expect([firstErrorIn(log), firstErrorIn(log, { lostConnections: 'count' })]).toEqual([other, lost])
  expect(firstErrorIn(log, { harmless: /luck/ })).toBe(lost)
})
