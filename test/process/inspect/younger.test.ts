import { expect, test } from 'vitest'
import { readProcessTable } from '../../../src/process/inspect/process-table.ts'
import { PidInstant } from '../../../src/process/inspect/younger.ts'
import { startProgram } from '../../support/program.ts'

test('a process made since an instant is younger, and the first process is not', () => {
  const since = new PidInstant()
  const { pid } = startProgram(['sleep', '60'])
  const younger = since.youngerPids()
  // The numbers may be about to begin anew.
  if (younger === undefined) return
  expect(younger).toContain(pid)
  expect(younger).not.toContain(1)
})

test('a table since an instant has younger processes, this one and its ancestors', () => {
  const older = startProgram(['sleep', '60'])
  const since = new PidInstant()
  const { pid } = startProgram(['sleep', '60'])
  const table = readProcessTable(since)
  expect([...table.keys()]).toEqual(expect.arrayContaining([pid, process.pid, process.ppid]))
  if (since.youngerPids()) expect(table.has(older.pid)).toBe(false)
})
