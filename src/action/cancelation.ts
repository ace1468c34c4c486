import { join } from 'node:path'
import { epochMs } from '../kernel/clock.ts'
import type { StopLadder } from '../process/stop-ladder.ts'
import type { Account } from './user/account.ts'
import { removePrivateFile, writePrivateFile } from './user/private-file.ts'

/** How an action is made to end early. */
export type Cancelation =
  /** Kills all processes started by the action at once. The default. */
  | { readonly mode: 'terminate' }
  /**
   * Sends SIGTERM to the main process, and writes the end of the grace to the file `cancel_info.json` in the session's
   * directory. When the grace ends, all processes are killed.
   */
  | {
      readonly mode: 'notify-then-terminate'
      /** In milliseconds; `Infinity` for no kill. Default: 120,000 for a task, 30,000 for an environment. */
      readonly graceMs?: number
    }

export const taskGraceMs = 120_000
export const environmentGraceMs = 30_000

/** Returns the steps by which the guardian cancels the action if this process dies. */
export function ladderOf(cancelation: Cancelation, defaultGraceMs: number): StopLadder {
  if (cancelation.mode === 'terminate') return []
  return [{ signal: 'SIGTERM', graceMs: cancelation.graceMs ?? defaultGraceMs }]
}

const cancelInfoName = 'cancel_info.json'

/**
 * Tells an action when the grace ends, in UTC and whole seconds. Rounded up, so that the kill never comes later than
 * told. Writes nothing for a grace without an end.
 */
export function writeCancelInfo(directory: string, graceMs: number, owner: Account | undefined): void {
  const endsAt = new Date(Math.ceil((epochMs() + graceMs) / 1_000) * 1_000)
  if (Number.isNaN(endsAt.getTime())) return
  const content = { NotifyEnd: endsAt.toISOString().replace(/\.\d+Z$/, 'Z') }
  writePrivateFile(join(directory, cancelInfoName), JSON.stringify(content), { owner })
}

/** Removes the file of `writeCancelInfo`, so that the next action does not mistake the file for a notice of its own. */
export function removeCancelInfo(directory: string, owner: Account | undefined): void {
  removePrivateFile(join(directory, cancelInfoName), owner)
}
