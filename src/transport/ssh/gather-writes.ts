import type { Socket } from 'node:net'

/**
 * Makes a socket write all data of a turn of the event loop at once. ssh2 writes each packet in three parts: three calls
 * of the system here, and three segments for sshd to wake up for.
 *
 * @param socket connected: `connect` restores the original method
 */
export function gatherWrites(socket: Socket): void {
  const write = socket.write.bind(socket) as (...args: unknown[]) => boolean
  let isGathering = false
  const flush = (): void => {
    isGathering = false
    socket.uncork()
  }
  socket.write = (...args: unknown[]): boolean => {
    if (!isGathering) {
      isGathering = true
      socket.cork()
      process.nextTick(flush)
    }
    return write(...args)
  }
}
