import { expect, test } from 'vitest'
import { PidInstant } from '../../../src/process/inspect/younger.ts'
import { startProgram } from '../../support/program.ts'

test('only processes made since an instant are younger', () => {
  const since = new PidInstant()
  const { pid } = startProgram(['sleep', '60'])
  const younger = since.youngerPids()
  // The numbers may have begun anew, or be about to.
  if (younger === undefined) return
  expect(younger).toContain(pid)
  expect(younger).not.toContain(process.pid)
})
