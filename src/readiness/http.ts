import { get } from 'node:http'
import { type Readiness, requirePort } from './readiness.ts'
import { loopbackAddresses } from './tcp.ts'

export interface HttpReadinessOptions {
  /** Default: the port that the service was given. */
  readonly port?: number
  /** The status that means ready. Default: any from 200 to 399. */
  readonly status?: number
}

/** Ready when a GET of the path answers with the wanted status, over IPv4 or IPv6. */
export function http(path = '/', { port, status }: HttpReadinessOptions = {}): Readiness {
  const isWanted = (code: number): boolean => (status === undefined ? code >= 200 && code < 400 : code === status)
  return {
    description: `HTTP ${status ?? '2xx'} from ${path}`,
    async probe(target, signal) {
      const wanted = requirePort(port, target)
      const attempts = loopbackAddresses.map((host) => statusOf({ host, port: wanted, path, signal }))
      return (await Promise.all(attempts)).some((code) => code !== undefined && isWanted(code))
    },
  }
}

function statusOf(request: {
  host: string
  port: number
  path: string
  signal: AbortSignal
}): Promise<number | undefined> {
  return new Promise((resolve) => {
    get({ ...request, agent: false }, (response) => {
      response.resume()
      resolve(response.statusCode)
    }).once('error', () => resolve(undefined))
  })
}
