import { readFileSync } from 'node:fs'
import getPort from 'get-port'
import { valueUnless } from '../kernel/value-unless.ts'
import { randomNumbers } from './secret.ts'

/** Start of IANA's dynamic range, used if the system does not tell its own range. */
const defaultEphemeralStart = 49_152
const lowest = 10_000
const spread = 12_000

/**
 * Returns a TCP port on which nothing listens now, below the range from which the system takes ports for outgoing
 * connections. The port is a proposal: the caller must claim the port, and be ready to lose it at the bind.
 */
export function proposePort(): Promise<number> {
  const end = ephemeralStart()
  const ports = randomNumbers(spread).map((number) => end - spread + number)
  return getPort({ port: ports, host: '127.0.0.1' })
}

/**
 * Returns the start of the system's range. If there is no room below, returns the default start; the claim and the
 * retry prevent conflicts then.
 *
 * @see ip(7)
 */
function ephemeralStart(): number {
  const range = valueUnless(['ENOENT'], () => readFileSync('/proc/sys/net/ipv4/ip_local_port_range', 'utf8')) ?? ''
  const start = Number.parseInt(range, 10)
  return start - spread >= lowest ? start : defaultEphemeralStart
}
