import { findListener, type Listener } from '../process/inspect/listener.ts'
import type { Readiness } from './readiness.ts'

export interface ListenerQuestion {
  readonly port: number
  readonly pid: number
  /** Called with the owner of the port; with `undefined` on macOS, or if nobody listens on loopback. */
  readonly onFound: (listener: Exclude<Listener, 'unreadable'> | undefined) => void
}

/** Ready when the strategy is ready. Tells the owner of the port, too, and waits while the owner cannot be read. */
export function withListener(readiness: Readiness, { port, pid, onFound }: ListenerQuestion): Readiness {
  const { description, advice, intervalMs } = readiness
  return {
    description,
    ...(advice !== undefined && { advice }),
    ...(intervalMs !== undefined && { intervalMs }),
    async probe(target, signal) {
      if (!(await readiness.probe(target, signal))) return false
      const listener = findListener(port, pid)
      if (listener === 'unreadable') throw unreadable(port, pid)
      onFound(listener)
      return true
    },
  }
}

function unreadable(port: number, pid: number): Error {
  return new Error(
    `something answers, but this user cannot read which process listens on port ${port}: /proc/${pid}/fd is closed to it; if another process serves the port for this one, say so: listener: 'any'`,
  )
}
