import { once } from 'node:events'
import { connect, type NetConnectOpts } from 'node:net'
import { resolve } from 'node:path'
import { askLoopback } from './loopback.ts'
import { type Readiness, requirePort } from './readiness.ts'

/** Ready when the port accepts a connection, over IPv4 or IPv6. Default: the port that the service was told to use. */
export function tcp(port?: number): Readiness {
  return {
    description: port === undefined ? 'a connection to its port' : `a connection to port ${port}`,
    async probe(target, signal) {
      const wanted = requirePort(port, target)
      await askLoopback((host) => tryConnection({ host, port: wanted, signal }))
      return true
    },
  }
}

/** Ready when the unix socket accepts a connection. A relative path is taken from the service's directory. */
export function socket(path: string): Readiness {
  return {
    description: `a connection to ${path}`,
    async probe({ directory }, signal) {
      await tryConnection({ path: resolve(directory, path), signal })
      return true
    },
  }
}

/**
 * Connects and disconnects at once.
 *
 * @throws the reason why there was no connection
 */
export async function tryConnection(options: NetConnectOpts): Promise<void> {
  const attempt = connect(options)
  try {
    await once(attempt, 'connect')
  } finally {
    attempt.destroy()
  }
}
