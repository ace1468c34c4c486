import { Deadline, sleep } from '../kernel/deadline.ts'
import { asError, hasCode } from '../kernel/errors.ts'

interface TenantRemoval<Connection> {
  /** What is removed: `the user "ada"`. */
  readonly what: string
  readonly limitMs: number
  /** Connects to the server of the tenant, and ends the attempt when the signal fires. */
  readonly open: (signal: AbortSignal) => Promise<Connection>
  /** Whether an error of `open` is the answer of a different server, which has the port by now. */
  readonly isOtherServer: (error: Error) => boolean
}

/** Pause before another attempt to connect to a server that has reset the connection. */
const resetPauseMs = 10

/**
 * Removes a tenant over a connection of its own, for `reclaim`. Does nothing if the server is gone, and the tenant with
 * the server: nobody listens at the port, or a different server does.
 *
 * @throws ERR_DEADLINE; other errors of `open`, and the errors of `remove`
 */
export async function removeTenant<Connection extends { close(): unknown }>(
  removal: TenantRemoval<Connection>,
  remove: (connection: Connection, signal: AbortSignal) => Promise<void>,
): Promise<void> {
  await new Deadline(`removing ${removal.what}`, removal.limitMs).race(async (signal) => {
    const connection = await openUnlessGone(removal, signal)
    if (!connection) return
    try {
      await remove(connection, signal)
    } finally {
      await connection.close()
    }
  })
}

/** Connects. A dying server still accepts connections and resets them, so the port is asked again. */
async function openUnlessGone<Connection>(
  { open, isOtherServer }: TenantRemoval<Connection>,
  signal: AbortSignal,
): Promise<Connection | undefined> {
  for (;;) {
    try {
      return await open(signal)
    } catch (thrown) {
      if (hasCode(thrown, 'ECONNREFUSED') || isOtherServer(asError(thrown))) return undefined
      if (!hasCode(thrown, 'ECONNRESET', 'EPIPE')) throw thrown
    }
    await sleep(resetPauseMs, signal)
  }
}
