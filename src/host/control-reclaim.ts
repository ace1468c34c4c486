import { askControl, type ControlChannel, UnknownClientError } from './control-request.ts'

/** How a server program of ours removes the tenant of a client. */
interface ControlledTenant extends ControlChannel {
  /** Method and path: `DELETE /accounts/own`. */
  readonly call: string
}

/**
 * Removes the tenant of a client: at its end, or in a sweep after the client was killed. A server that does not know the
 * client is another one: the tenant is gone with its server.
 */
export async function reclaim({ call, ...channel }: ControlledTenant, limitMs: number): Promise<void> {
  await askControl(channel, { call, limitMs }).catch((thrown) => {
    if (!(thrown instanceof UnknownClientError)) throw thrown
  })
}
