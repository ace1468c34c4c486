let watching = false

/**
 * A worker whose main process died runs on for as long as its test likes, and would hold what it holds. It ends itself
 * when the channel to the main process breaks; the guardian then does the rest. A thread dies with its process anyway.
 *
 * @see the forks pool of Vitest 4.1, which listens to no `disconnect`
 */
export function endWhenOrphaned(): void {
  if (watching || !process.connected) return
  watching = true
  process.once('disconnect', () => process.kill(process.pid, 'SIGKILL'))
}
