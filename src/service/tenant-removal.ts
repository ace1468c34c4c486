import { Deadline } from '../kernel/deadline.ts'
import { hasCode } from '../kernel/errors.ts'

interface TenantRemoval<Connection> {
  /** What is removed: `the user "ada"`. */
  readonly what: string
  readonly limitMs: number
  /** Connects to the server of the tenant, and ends the attempt when the signal fires. */
  readonly open: (signal: AbortSignal) => Promise<Connection>
  /** Whether an error of `open` is the answer of a different server, which has the port by now. */
  readonly isOtherServer: (error: Error) => boolean
}

/**
 * Removes a tenant over a connection of its own, for `reclaim`. Does nothing if the server is gone, and the tenant with
 * the server: nobody listens at the port, or a different server does.
 *
 * @throws ERR_DEADLINE; other errors of `open`, and the errors of `remove`
 */
export async function removeTenant<Connection extends { close(): unknown }>(
  { what, limitMs, open, isOtherServer }: TenantRemoval<Connection>,
  remove: (connection: Connection, signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const unlessGone = (error: Error): undefined => {
    if (!hasCode(error, 'ECONNREFUSED') && !isOtherServer(error)) throw error
  }
  await new Deadline(`removing ${what}`, limitMs).race(async (signal) => {
    const connection = await open(signal).catch(unlessGone)
    if (!connection) return
    try {
      await remove(connection, signal)
    } finally {
      await connection.close()
    }
  })
}
