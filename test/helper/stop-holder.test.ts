import { join } from 'node:path'
import { expect, test } from 'vitest'
import { stopHolder } from '../../src/helper/stop-holder.ts'
import { identify, isAlive } from '../../src/process/inspect/identity.ts'
import { runPaths } from '../../src/run/run-paths.ts'
import { useCleanState } from '../support/left-nothing.ts'
import { startProgram } from '../support/program.ts'

const { stateDirectory } = useCleanState()

test('a holder that has ended meanwhile is stopped, and who has got its pid lives on', async () => {
  const bystander = identify(startProgram(['sleep', '600'], { cwd: '/', env: { PATH: process.env.PATH } }).pid)
  if (!bystander) throw new Error('it has ended')
  const runDirectory = join(runPaths.runs(stateDirectory), 'ended')
  await stopHolder({ identity: { ...bystander, startTime: '1' }, runDirectory, name: 'ended' })
  expect(isAlive(bystander)).toBe(true)
})
