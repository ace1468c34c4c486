/** How clients reach a server, as parts of a URL. */
interface UrlParts {
  readonly host: string
  readonly port: number
  readonly user: string
  readonly password: string
  /** Part after the address: a database, a virtual host. */
  readonly path: string
}

/**
 * Returns a URL: `urlOf('amqp', { host, port, user, password, path: 'orders' })`. User, password and path are encoded.
 *
 * @param parts without `user`, the URL has no credentials; without `path`, the URL ends with the port
 */
export function urlOf(protocol: string, parts: Partial<UrlParts> & Pick<UrlParts, 'host' | 'port'>): string {
  const { host, port, user, password = '', path } = parts
  const credentials = user === undefined ? '' : `${encodeURIComponent(user)}:${encodeURIComponent(password)}@`
  const address = host.includes(':') ? `[${host}]` : host
  return `${protocol}://${credentials}${address}:${port}${path === undefined ? '' : `/${encodeURIComponent(path)}`}`
}

/**
 * Returns the parts of the URL in the variables, or else the parts in single variables.
 *
 * @param scalars the argument of `configFromVariables`
 * @param defaults for missing parts. Default: `127.0.0.1`, and no user, password and path
 * @throws ERR_INVALID_URL
 */
export function urlPartsFrom(
  { url, ...scalars }: Readonly<Record<string, string>>,
  defaults: Partial<UrlParts> & Pick<UrlParts, 'port'>,
): UrlParts {
  const { host, port, user, password, path } = url === undefined ? scalars : partsOf(new URL(url))
  return {
    host: host || (defaults.host ?? '127.0.0.1'),
    port: Number(port || defaults.port),
    user: user || (defaults.user ?? ''),
    password: password || (defaults.password ?? ''),
    path: path || (defaults.path ?? ''),
  }
}

function partsOf({ hostname, port, username, password, pathname }: URL): Record<keyof UrlParts, string> {
  return {
    host: hostname.replace(/^\[(.*)\]$/, '$1'),
    port,
    user: decodeURIComponent(username),
    password: decodeURIComponent(password),
    path: decodeURIComponent(pathname.slice(1)),
  }
}
