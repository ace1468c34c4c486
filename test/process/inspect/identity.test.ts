import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import {
  currentBootId,
  identify,
  isAlive,
  isThisBoot,
  ownIdentity,
  parsePsLine,
  parseStat,
  readStat,
} from '../../../src/process/inspect/identity.ts'
import { eventually } from '../../support/eventually.ts'
import { useCleanState } from '../../support/left-nothing.ts'
import { startProgram } from '../../support/program.ts'

useCleanState()

test('a living process is identified by pid, start time and boot', () => {
  expect(ownIdentity()).toEqual({
    pid: process.pid,
    startTime: expect.stringMatching(/^\d+$/),
    bootId: expect.stringMatching(/^[\w-]{36}\/pid:\[\d+\](\/time:\[\d+\])?$/),
  })
  expect(isAlive(ownIdentity())).toBe(true)
})

test('a pid with another start time, or of another boot, is another process', () => {
  expect(isAlive({ ...ownIdentity(), startTime: '1' })).toBe(false)
  expect(isAlive({ ...ownIdentity(), bootId: 'another' })).toBe(false)
})

test('another pid namespace of this boot is told from another boot', () => {
  const [boot] = currentBootId().split('/')
  expect(isThisBoot(`${boot}/pid:[1]`)).toBe(true)
  expect(isThisBoot('another/pid:[1]')).toBe(false)
})

test('a zombie is dead', async () => {
  // The shell becomes a program that never looks after the child it inherits.
  const parent = startProgram(['sh', '-c', 'sleep 600 > /dev/null & echo $!; exec sleep 600'])
  const pid = Number(await parent.line())
  const identity = identify(pid)
  expect(identity && isAlive(identity)).toBe(true)
  // The shell itself would look after the child.
  await eventually('the shell is gone', () => readFileSync(`/proc/${parent.pid}/comm`, 'utf8') === 'sleep\n')
  process.kill(pid, 'SIGKILL')
  await eventually('a zombie', () => readStat(pid)?.state === 'Z')
  expect(identify(pid)).toBeUndefined()
  expect(identity && isAlive(identity)).toBe(false)
})

test('a process that is gone has no identity', async () => {
  const child = spawn('true')
  await once(child, 'exit')
  expect(identify(child.pid ?? -1)).toBeUndefined()
})

test('the name of a program may contain spaces and parentheses', () => {
  const stat = parseStat(`42 (a) b (c)) S 7 8 9 0 ${'0 '.repeat(12)}3 0 4711 0`)
  const [group, session, startTime] = [8, 9, '4711']
  expect(stat).toEqual({ pid: 42, state: 'S', parent: 7, group, session, hasTerminal: false, threads: 3, startTime })
})

test('a line of the ps of macOS says the same', () => {
  expect(parsePsLine('  42  7  8  0 ??  Ss Fri Nov 20 11:00:00 2026')).toEqual({
    pid: 42,
    parent: 7,
    group: 8,
    session: 0,
    hasTerminal: false,
    state: 'S',
    threads: 1,
    startTime: 'Fri Nov 20 11:00:00 2026',
  })
})
