import { later } from '../../kernel/deadline.ts'
import { seemsToRun } from '../../process/ending.ts'

/** For the system to tell that a process has ended whose connections have broken. */
const secondLookMs = 500

let watching = false

/**
 * Ends this worker when its main process has died: Vitest lets it run on for as long as its test likes, and hold what
 * it holds. The guardian then cleans up. Threads die with their process anyway.
 *
 * The channel to the main process breaks then, as it does in good order at the end of a run.
 *
 * @see the forks pool of Vitest 4.1, which listens to no `disconnect`
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
