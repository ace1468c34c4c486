import { once } from 'node:events'
import type { IncomingMessage, RequestOptions } from 'node:http'
import { ConfigError } from '../kernel/errors.ts'
import { askLoopback } from './loopback.ts'
import { type Readiness, requirePort } from './readiness.ts'

export interface HttpReadinessOptions {
  /** Port to ask. Default: the port that the service was told to use. */
  readonly port?: number
  /** Status that means ready. Default: any from 200 to 399. */
  readonly status?: number
}

/**
 * Ready when a GET of the path answers with the wanted status, over IPv4 or IPv6.
 *
 * @throws ERR_CONFIG for a path that does not begin with "/", because no server would answer
 */
export function http(path = '/', { port, status }: HttpReadinessOptions = {}): Readiness {
  if (typeof path !== 'string' || !path.startsWith('/'))
    throw new ConfigError(
      `ready.http(${JSON.stringify(path)}): expected a path that begins with "/", such as "/healthz"`,
    )
  const isWanted = (code: number): boolean => (status === undefined ? code >= 200 && code < 400 : code === status)
  return {
    description: `HTTP ${status ?? '2xx or 3xx'} from ${path}`,
    async probe(target, signal) {
      const wanted = requirePort(port, target)
      await askLoopback(async (host) => {
        const code = await statusOf({ host, port: wanted, path, signal })
        if (!isWanted(code)) throw new Error(`HTTP ${code}`)
      })
      return true
    },
  }
}

/** Imports `node:http` late: the import takes Node 2 ms, which a command without such a service need not wait for. */
async function statusOf(options: RequestOptions): Promise<number> {
  const { get } = await import('node:http')
  const request = get({ ...options, agent: false })
  const [response]: IncomingMessage[] = await once(request, 'response')
  // The body may never end, and its connection may break; nobody waits for either.
  response?.on('error', () => {}).resume()
  return response?.statusCode ?? 0
}
