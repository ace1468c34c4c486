import type { Endpoint, Endpoints } from '../action/action-plan.ts'
import { asError } from '../kernel/errors.ts'
import { findListener } from '../process/listener.ts'
import { tryConnection } from '../readiness/tcp.ts'

const connectLimitMs = 1_000
/** Nobody can connect to these everywhere: the loopback address of the same family answers for them. */
const wildcards: Readonly<Record<string, string>> = { '0.0.0.0': '127.0.0.1', '::': '::1' }
const loopbacks = ['127.0.0.1', '::1', 'localhost'] as const

/**
 * Connects to each of these ports in turn, and gives why one of them does not answer.
 *
 * @param isOwn whether the process itself must listen on the port
 * @throws an Error when another process does
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
