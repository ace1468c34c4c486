/**
 * Returns a config with a new port: in numbers, in the host part of URLs, and in texts of the form `host:port`. The
 * rest stays, passwords included.
 */
export function configAtPort<Config extends object>(config: Config, from: number, to: number): Config {
  return Object.fromEntries(Object.entries(config).map(([key, value]) => [key, atPort(value, from, to)])) as Config
}

function atPort(value: unknown, from: number, to: number): unknown {
  if (value === from) return to
  if (typeof value === 'string') return textAtPort(value, from, to)
  if (Array.isArray(value)) return value.map((each) => atPort(each, from, to))
  return isPlain(value) ? configAtPort(value, from, to) : value
}

function textAtPort(text: string, from: number, to: number): string {
  if (text === String(from)) return String(to)
  const inAddress = new RegExp(`^([^\\s/:@]+|\\[[^\\]]*\\]):${from}$`)
  if (inAddress.test(text)) return text.replace(inAddress, `$1:${to}`)
  // The user and the password end with "@"; a list of hosts is separated by commas.
  return text.replace(/(?<=:\/\/)[^/?#\s]*/g, (authority) =>
    authority.replace(new RegExp(`:${from}(?=,|$)`, 'g'), `:${to}`),
  )
}

function isPlain(value: unknown): value is object {
  return typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype
}
