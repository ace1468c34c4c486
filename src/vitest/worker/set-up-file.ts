import { fileSlot, leaveSlots } from '../client/file-slots.ts'
import { endWhenOrphaned } from '../client/orphan.ts'
import { runContext } from '../client/run-settings.ts'
import { runner } from '../client/runner.ts'
import { withPresentableErrors } from '../slot/presentable.ts'
import { beforeTry } from './before-time.ts'
import { hookTimeoutMs } from './hook-timeout.ts'
import { recordOf } from './test-record.ts'

/**
 * Begins a test file. Enters the slots of the worker, so that the environment has the variables of the slots before the
 * file is imported. Watches the slots during each test, whether or not the test uses a service.
 */
export async function beginFile(): Promise<void> {
  const { stacks = [] } = runContext() ?? {}
  endWhenOrphaned()
  // A test file that cannot be imported runs no hooks: the file's slots are given back here.
  await leaveSlots()
  const entered = stacks.map((stack) => ({ stack, slot: fileSlot(stack) }))
  await Promise.all(entered.map(({ slot }) => slot.enter()))
  const { afterAll, beforeEach } = runner()
  beforeEach(
    ({ task, onTestFinished }) =>
      withPresentableErrors(async () => {
        await beforeTry({ task, onTestFinished })
        const record = recordOf({ task, onTestFinished })
        await Promise.all(entered.map(({ slot }) => record.watch(slot)))
        if (record.isConcurrent) return
        const due = entered.filter(({ stack }) => stack.reset === 'each').map(({ slot }) => slot)
        await Promise.all(due.map((slot) => record.prepare(slot)))
      }),
    hookTimeoutMs,
  )
  afterAll(leaveSlots, hookTimeoutMs)
}
