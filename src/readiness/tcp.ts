import { connect, type NetConnectOpts } from 'node:net'
import { type Readiness, requirePort } from './readiness.ts'

/** Tried in this order: a server may listen on one family only. */
export const loopbackAddresses = ['127.0.0.1', '::1'] as const

/** Ready when the port accepts a connection, over IPv4 or IPv6. Default: the port that the service was given. */
export function tcp(port?: number): Readiness {
  return {
    description: `a connection to port ${port ?? 'PORT'}`,
    async probe(target, signal) {
      const wanted = requirePort(port, target)
      const attempts = loopbackAddresses.map((host) => canConnect({ host, port: wanted, signal }))
      return (await Promise.all(attempts)).includes(true)
    },
  }
}

/** Ready when the unix socket accepts a connection. A relative path is taken from the service's directory. */
export function socket(path: string): Readiness {
  return {
    description: `a connection to ${path}`,
    probe: async ({ directory }, signal) =>
      canConnect({ path: path.startsWith('/') ? path : `${directory}/${path}`, signal }),
  }
}

function canConnect(options: NetConnectOpts): Promise<boolean> {
  return new Promise((resolve) => {
    const attempt = connect(options)
    const finish = (connected: boolean): void => {
      attempt.destroy()
      resolve(connected)
    }
    attempt.once('connect', () => finish(true)).once('error', () => finish(false))
  })
}
