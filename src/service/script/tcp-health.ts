import type { Endpoint, Endpoints } from '../../action/action-plan.ts'
import { asError } from '../../kernel/errors.ts'
import { findListener } from '../../process/inspect/listener.ts'
import { tryConnection } from '../../readiness/tcp.ts'

const connectLimitMs = 1_000
/** Clients cannot connect to a wildcard address on every platform, so the loopback address of the family is used. */
const wildcards: Readonly<Record<string, string>> = { '0.0.0.0': '127.0.0.1', '::': '::1' }
const loopbacks = ['127.0.0.1', '::1', 'localhost'] as const

/**
 * Connects to each of the given ports in turn; returns why a port does not answer.
 *
 * @param isOwn whether the script's own process must listen on the port
 * @throws the error of `foreign` when a different process is listening
 */
export async function probePorts(
  endpoints: Endpoints,
  names: readonly string[],
  {
    pid,
    isOwn,
    foreign,
  }: { pid: number | undefined; isOwn: (name: string) => boolean; foreign: (port: number) => Error },
): Promise<string | undefined> {
  for (const name of names) {
    const endpoint = endpoints[name]
    const failure = endpoint && (await connectTo(name, endpoint))
    if (failure) return failure
    if (!endpoint || pid === undefined || !isOwn(name) || !isLocal(endpoint)) continue
    const listener = findListener(endpoint.port, pid)
    if (listener === 'foreign') throw foreign(endpoint.port)
    if (listener === 'unreadable') return `which process listens on port ${endpoint.port} cannot be read yet`
  }
  return undefined
}

async function connectTo(name: string, endpoint: Endpoint): Promise<string | undefined> {
  const { port } = endpoint
  const host = addressOf(endpoint)
  try {
    await tryConnection({ host, port, signal: AbortSignal.timeout(connectLimitMs) })
    return undefined
  } catch (thrown) {
    return `no connection to port ${name} (${host}:${port}): ${asError(thrown).message}`
  }
}

function addressOf({ bindAddress }: Endpoint): string {
  return wildcards[bindAddress] ?? bindAddress
}

function isLocal(endpoint: Endpoint): boolean {
  return loopbacks.some((address) => address === addressOf(endpoint))
}
