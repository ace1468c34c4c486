import { environmentGraceMs, writeCancelInfo } from '../../action/cancelation.ts'
import { sleep } from '../../kernel/deadline.ts'
import { isAlive } from '../../process/inspect/identity.ts'
import { signalMain } from '../../process/signals.ts'
import type { SupervisedProcess } from '../../process/supervised-process.ts'

/** Stops a service like an action: tells the service the end of the grace, then kills all processes. */
export interface Notice {
  readonly mode: 'notify-then-terminate'
  /** In milliseconds. Default: 30,000. */
  readonly graceMs?: number
}

/**
 * Writes `cancel_info.json`, signals the main process alone, and waits for the end of the process or of the grace.
 *
 * @param forceSignal ends the grace
 */
export async function giveNotice(
  service: SupervisedProcess,
  { graceMs = environmentGraceMs, directory, forceSignal }: Notice & { directory: string; forceSignal: AbortSignal },
): Promise<void> {
  if (!isAlive(service.identity) || forceSignal.aborted) return
  try {
    writeCancelInfo(directory, graceMs, undefined)
  } finally {
    // Signal even on a full disk: the signal carries the most important part of the notice.
    await signalAndWait(service, graceMs, forceSignal)
  }
}

async function signalAndWait(service: SupervisedProcess, graceMs: number, forceSignal: AbortSignal) {
  signalMain(service.identity, 'SIGTERM')
  const over = new AbortController()
  const signal = AbortSignal.any([forceSignal, over.signal])
  await Promise.race([service.join(), sleep(graceMs, signal).catch(() => {})])
  over.abort()
}
