import type { Socket } from 'node:net'
import { MessageChannel } from 'node:worker_threads'

/** Packets with files are longer. */
const largeBytes = 16 * 1024

/**
 * Makes a socket write all data of a turn of the event loop at once. ssh2 writes each packet in three parts: three calls
 * of the system here, and three segments for sshd to wake up for.
 *
 * The memory of large packets is freed after the write: otherwise the garbage collector looks at all objects of this
 * process for every 10 MB sent.
 *
 * @param socket connected: `connect` restores the original method
 */
export function gatherWrites(socket: Socket): void {
  const write = socket.write.bind(socket) as (...args: unknown[]) => boolean
  const free = createFree()
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
    const [data] = args
    if (args.length === 1 && isLarge(data)) return write(data, () => free(data.buffer))
    return write(...args)
  }
}

/** Whether a part of a packet lies in large memory. Such memory is the packet's own, except for Node's pool. */
function isLarge(data: unknown): data is Buffer<ArrayBuffer> {
  return Buffer.isBuffer(data) && data.buffer.byteLength >= largeBytes
}

/** Returns a function that frees memory: a message to a closed port takes its memory along, and is not delivered. */
function createFree(): (memory: ArrayBuffer) => void {
  const { port1: port } = new MessageChannel()
  port.close()
  return (memory) => {
    // The parts of a packet may lie in the same memory.
    if (memory.byteLength === 0) return
    try {
      port.postMessage(undefined, [memory])
    } catch {
      // Node's pool, which is as large from Node 26 on, may not be transferred: Node 20 ignores it, later versions throw.
    }
  }
}
