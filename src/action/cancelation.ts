import { join } from 'node:path'
import { epochMs } from '../kernel/clock.ts'
import type { StopLadder } from '../process/stop-ladder.ts'
import type { Account } from './account.ts'
import { removePrivateFile, writePrivateFile } from './private-file.ts'

/** How an action is made to end before its time. */
export type Cancelation =
  /** Everything that it started is killed at once. The default. */
  | { readonly mode: 'terminate' }
  /**
   * Its main process gets SIGTERM, and a file `cancel_info.json` in the session's directory says until when it has
   * time; then everything is killed.
   */
  | {
      readonly mode: 'notify-then-terminate'
      /** In milliseconds; `Infinity` for no kill. Default: 120,000 for a task, 30,000 for an environment. */
      readonly graceMs?: number
    }

export const taskGraceMs = 120_000
export const environmentGraceMs = 30_000

/** How the guardian does the same. */
export function ladderOf(cancelation: Cancelation, defaultGraceMs: number): StopLadder {
  if (cancelation.mode === 'terminate') return []
  return [{ signal: 'SIGTERM', graceMs: cancelation.graceMs ?? defaultGraceMs }]
}

const cancelInfoName = 'cancel_info.json'

/**
 * Tells an action, in UTC and whole seconds, when the grace ends: never before the kill, so rounded up. Of a grace
 * without an end there is nothing to tell.
 */
export function writeCancelInfo(directory: string, graceMs: number, owner: Account | undefined): void {
  const endsAt = new Date(Math.ceil((epochMs() + graceMs) / 1_000) * 1_000)
  if (Number.isNaN(endsAt.getTime())) return
  const content = { NotifyEnd: endsAt.toISOString().replace(/\.\d+Z$/, 'Z') }
  writePrivateFile(join(directory, cancelInfoName), JSON.stringify(content), { owner })
}

/** Removes what `writeCancelInfo` has written: the next action must not take it for its own. */
export function removeCancelInfo(directory: string, owner: Account | undefined): void {
  removePrivateFile(join(directory, cancelInfoName), owner)
}
