import { expect, test } from 'vitest'
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
