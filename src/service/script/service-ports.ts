import type { Endpoint, Endpoints } from '../../action/action-plan.ts'
import type { SetUpContext } from '../instance/set-up-context.ts'
import { camelCase, upperSnake } from '../options/label.ts'

/** One named port of a script. */
export interface ScriptPort {
  /** Default: a free port. */
  readonly port?: number
  /** Default: `TCP`. */
  readonly protocol?: 'TCP' | 'UDP'
  /** Address on which the server listens. Default: `127.0.0.1`. */
  readonly bindAddress?: string
  /** Address for clients of the server. Default: `127.0.0.1`. */
  readonly connectAddress?: string
  /**
   * Process expected to listen on the port. `own`: `onRun`. `any`: any process, such as a container engine on behalf of
   * `onRun`. Default: `own`.
   */
  readonly listener?: 'own' | 'any'
}

const loopback = '127.0.0.1'

/** Gives each port its number and addresses, before any process starts. */
export async function allocatePorts(
  context: SetUpContext,
  ports: Readonly<Record<string, ScriptPort>>,
): Promise<Endpoints> {
  const endpoints: Record<string, Endpoint> = {}
  for (const [name, { port, bindAddress = loopback, connectAddress = loopback }] of Object.entries(ports)) {
    endpoints[name] = { port: port ?? (await context.claimPort()), bindAddress, connectAddress }
  }
  return endpoints
}

/**
 * Returns the variables that pass the ports to a script's actions. `PORT` is set if the script has exactly one port.
 */
export function portVariables(endpoints: Endpoints): Record<string, string> {
  const entries = Object.entries(endpoints)
  const named = entries.flatMap(([name, { port, bindAddress, connectAddress }]) => {
    const head = upperSnake(name)
    return [
      [`${head}_PORT`, String(port)],
      [`${head}_BIND_ADDRESS`, bindAddress],
      [`${head}_CONNECT_ADDRESS`, connectAddress],
    ]
  })
  const only = entries.length === 1 ? entries.map(([, { port }]) => ['PORT', String(port)]) : []
  return Object.fromEntries([...only, ...named])
}

/** Returns the ports as part of the clients' config: `httpPort` and `httpAddress` for the port `http`. */
export function portConfig(endpoints: Endpoints): Record<string, string> {
  const entries = Object.entries(endpoints).flatMap(([name, { port, connectAddress }]) => {
    const [portKey = '', addressKey = ''] = portKeys(name)
    return [
      [portKey, String(port)],
      [addressKey, connectAddress],
    ]
  })
  return Object.fromEntries(entries)
}

/** The keys of a port in the config. */
export function portKeys(name: string): string[] {
  return [camelCase(upperSnake(`${name}Port`)), camelCase(upperSnake(`${name}Address`))]
}
