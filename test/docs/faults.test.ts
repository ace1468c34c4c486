import { expect, inject, test } from 'vitest'
import { blocksOf, filesOf } from '../support/documents.ts'
import { useCleanState } from '../support/left-nothing.ts'
import { startProcess, useUserProject } from '../support/user-project.ts'

useCleanState()
const project = useUserProject('')

test('the example of docs/faults.md passes as it stands', async () => {
  for (const [name, code] of filesOf(blocksOf('docs/faults.md', 'ts'))) project.write(name, code)
  const vitest = `${inject('installation')}/node_modules/vitest/vitest.mjs`
  const { code, stdout } = await startProcess([process.execPath, vitest, 'run'], { cwd: project.directory }).ended
  expect(stdout).toContain('3 passed')
  expect(code).toBe(0)
})
