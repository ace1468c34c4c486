import { networkInterfaces } from 'node:os'
import { findFixture, loadFixture } from '../../config/fixtures.ts'
import { start } from '../../config/start.ts'
import { ConfigError, StateError } from '../../kernel/errors.ts'
import { ownCommand } from '../../kernel/own-command.ts'
import { openToNetwork } from '../../pool/queue/open-to-network.ts'
import { queueVariable } from './queue-option.ts'

/** A server for a queue, reachable from other hosts. Disposal ends the server. */
export interface Listening extends AsyncDisposable {
  readonly url: string
  /** Command for other hosts. The password stands in no argument of a process. */
  readonly join: string
}

/**
 * Starts a Redis for a queue, on all addresses of the local host, with a random password.
 *
 * @param address for reaching the local host; `true` for the first address of the network
 * @throws ERR_MISSING_BINARY without Redis
 */
export async function startListening(address: string | true, signal: AbortSignal): Promise<Listening> {
  const fixture = findFixture('redis', process.cwd())
  if (!fixture) throw new StateError('the fixture redis is not part of this package')
  const host = address === true ? ownAddress() : address
  const service = await start(await loadFixture(fixture), { signal })
  try {
    const { url } = service.serviceConfig as { readonly url: string }
    await openToNetwork(url)
    const outer = new URL(url)
    outer.host = `${host.includes(':') ? `[${host}]` : host}:${outer.port}`
    const join = `${queueVariable}='${outer.href}' ${ownCommand()} pool work`
    return { url, join, [Symbol.asyncDispose]: () => service.cleanUp() }
  } catch (thrown) {
    await service.cleanUp()
    throw thrown
  }
}

function ownAddress(): string {
  const addresses = Object.values(networkInterfaces()).flatMap((all) => all ?? [])
  const outer = addresses.filter(({ internal }) => !internal)
  const found = outer.find(({ family }) => family === 'IPv4') ?? outer[0]
  if (!found) throw new ConfigError('this host has no address for others; name one: --listen ADDRESS')
  return found.address
}
