import { ConfigError, hasCode } from '../kernel/errors.ts'
import { NetworkProxy } from '../proxy/network-proxy.ts'
import { configAtPort } from './faults/config-at-port.ts'
import type { InstanceResources } from './instance/instance-resources.ts'

const portAttempts = 5
/** Message for a service without a port in its config. */
export const withoutPort = 'network needs a service with a TCP port, and its config has none'

/** A proxy in front of a service, and the config with the proxy's address. */
export interface OpenedNetwork<Config> {
  readonly network: NetworkProxy
  readonly config: Config
}

/** @throws ERR_CONFIG for a service without a TCP port in its config */
export async function openNetwork<Config extends object>(
  context: InstanceResources,
  config: Config,
): Promise<OpenedNetwork<Config>> {
  const { host = '127.0.0.1', port } = config as { readonly host?: string; readonly port?: unknown }
  if (typeof port !== 'number' || port === 0) throw new ConfigError(`${context.label}: ${withoutPort}`)
  const network = await startProxy(context, { host, port })
  context.addCleanUp(() => network.end())
  return { network, config: configAtPort(config, port, network.port) }
}

/** A port may be lost between its claim and the bind. */
async function startProxy(
  context: InstanceResources,
  target: { readonly host: string; readonly port: number },
): Promise<NetworkProxy> {
  for (let attempt = 1; ; attempt++) {
    const listen = { host: target.host, port: await context.claimPort() }
    try {
      return await NetworkProxy.start({ label: context.label, listen, target })
    } catch (thrown) {
      if (!hasCode(thrown, 'EADDRINUSE') || attempt === portAttempts) throw thrown
    }
  }
}
