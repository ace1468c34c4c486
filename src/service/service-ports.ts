import type { Endpoint, Endpoints } from '../action/action-plan.ts'
import type { Instance } from './instance.ts'
import { camelCase, upperSnake } from './label.ts'

/** One named port of a script. */
export interface ScriptPort {
  /** Default: a free one. */
  readonly port?: number
  /** Default: `TCP`. */
  readonly protocol?: 'TCP' | 'UDP'
  /** Address on which the server is to listen. Default: `127.0.0.1`. */
  readonly bindAddress?: string
  /** Address under which clients reach it. Default: `127.0.0.1`. */
  readonly connectAddress?: string
  /** `any`: another process listens on behalf of `onRun`, such as a container engine. Default: `own`. */
  readonly listener?: 'own' | 'any'
}

export type ScriptPorts = Readonly<Record<string, ScriptPort>>

const loopback = '127.0.0.1'

/** Gives each port its number and its addresses, before anything is started. */
export async function allocatePorts(instance: Instance, ports: ScriptPorts): Promise<Endpoints> {
  const endpoints: Record<string, Endpoint> = {}
  for (const [name, { port, bindAddress = loopback, connectAddress = loopback }] of Object.entries(ports)) {
    endpoints[name] = { port: port ?? (await instance.claimPort()), bindAddress, connectAddress }
  }
  return endpoints
}

/** The variables that tell the actions of a script of its ports; `PORT` is the only one. */
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

/** What clients need to know: `httpPort` and `httpAddress` of the port `http`. */
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
