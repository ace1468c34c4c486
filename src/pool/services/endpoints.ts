/** Listening address of a service. */
export interface Endpoint {
  readonly host: string
  readonly port: number
}

const loopback = '127.0.0.1'
const loopbackNames = [loopback, 'localhost', '[::1]']
const portKey = /^port$|Port$/
const pathKey = /(directory|file|socket)$/i
const address = /([\w.-]+|\[[\da-fA-F:]+\]):(\d+)(?!\d)/g

/** Returns the addresses in a service config: `port` and further ports, and addresses in URLs and lists. */
export function endpointsOf(config: object): Endpoint[] {
  const found = new Map<string, Endpoint>()
  withPorts(config, ({ host, port }) => {
    found.set(`${host}:${port}`, { host, port })
    return port
  })
  return [...found.values()]
}

/**
 * Returns a service config with new ports of 127.0.0.1, and without paths: files and sockets cannot be forwarded.
 *
 * @param portOf returns the new port for an address
 */
export function withPorts<Config extends object>(config: Config, portOf: (endpoint: Endpoint) => number): Config {
  const host = hostOf(config)
  const isKnown = (named: string): boolean => named === host || loopbackNames.includes(named)
  const inText = (text: string): string =>
    text.replaceAll(address, (whole, named: string, port: string) =>
      isKnown(named) ? `${loopback}:${portOf({ host: named, port: Number(port) })}` : whole,
    )
  const mapped = (key: string, value: unknown): unknown => {
    if (typeof value === 'number' && portKey.test(key) && value > 0) return portOf({ host, port: value })
    if (typeof value === 'string' && pathKey.test(key) && value.startsWith('/')) return ''
    if (typeof value === 'string') return key === 'host' && !value.startsWith('/') ? loopback : inText(value)
    if (Array.isArray(value)) return value.map((each) => mapped('', each))
    return typeof value === 'object' && value !== null ? withPorts(value, portOf) : value
  }
  return Object.fromEntries(Object.entries(config).map(([key, value]) => [key, mapped(key, value)])) as Config
}

/** Returns the host of a service. The host of a client of Postgres may be the directory of a socket. */
function hostOf(config: object): string {
  const { host } = config as { readonly host?: unknown }
  return typeof host === 'string' && !host.startsWith('/') ? host : loopback
}
