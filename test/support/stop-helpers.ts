import { readFileSync } from 'node:fs'
import { unlessUnreadable } from '../../src/process/inspect/unless-unreadable.ts'
import { expectNothingLeft, processesOf } from './left-nothing.ts'

/** Ends all helpers of a state directory, as the command `stop` does, and waits until nothing of them is left. */
export async function stopHelpers(stateDirectory: string): Promise<void> {
  for (const { pid } of processesOf(stateDirectory)) if (isHelper(pid)) process.kill(pid, 'SIGTERM')
  await expectNothingLeft(stateDirectory)
}

function isHelper(pid: number): boolean {
  return unlessUnreadable(() => readFileSync(`/proc/${pid}/cmdline`, 'utf8'))?.includes('/dist/helper.js') ?? false
}
