import { later } from '../../kernel/deadline.ts'
import { seemsToRun } from '../../process/inspect/ending.ts'

/** Time for the system to report the end of a process whose connections have broken. */
const secondLookMs = 500

let watching = false

/**
 * Ends this worker when its main process has died. Vitest would let the worker run, and hold its services, until the
 * test ends. The guardian then cleans up. Threads die with their process anyway.
 *
 * The channel to the main process breaks when the main process dies, but also at the orderly end of a run.
 *
 * @see the forks pool of Vitest 4.1, which does not listen to `disconnect`
 */
export function endWhenOrphaned(): void {
  if (watching || !process.connected) return
  watching = true
  const parent = process.ppid
  const endIfOrphaned = (): void => {
    if (!seemsToRun(parent)) process.kill(process.pid, 'SIGKILL')
  }
  process.once('disconnect', () => {
    endIfOrphaned()
    later(secondLookMs, endIfOrphaned)
  })
}
