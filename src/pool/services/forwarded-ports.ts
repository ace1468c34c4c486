import type { Config } from '../../config/define-config.ts'
import { CleanUpStack } from '../../kernel/cleanup-stack.ts'
import { combineErrors } from '../../kernel/errors.ts'
import { Turns } from '../../kernel/turns.ts'
import { configVariables, instanceVariable } from '../../service/instance/variables.ts'
import { environmentFrom } from '../../session/environment.ts'
import { exportedVariables } from '../../session/exported-variables.ts'
import type { Transport } from '../../transport/transport.ts'
import { type Endpoint, endpointsOf, withPorts } from './endpoints.ts'

/** Running services, as a session has them. */
export interface RunningServices {
  readonly prefix: string
  readonly services: ReadonlyMap<string, { readonly label: string; readonly serviceConfig: object }>
}

/** Ports of a machine, each connected with a port of a service on this side. */
export class ForwardedPorts {
  readonly #transport: Transport
  readonly #ports = new Map<string, number>()
  readonly #cleanUps = new CleanUpStack()
  /** Each call of `forward` waits for the call before, so that no port is forwarded twice. */
  readonly #turns = new Turns()

  constructor(transport: Transport) {
    this.#transport = transport
  }

  /** Forwards the ports of the services, except ports already forwarded. @throws ERR_TRANSPORT */
  forward(running: RunningServices): Promise<void> {
    return this.#turns.do(() => this.#forward(running))
  }

  async #forward({ services }: RunningServices): Promise<void> {
    for (const endpoint of [...services.values()].flatMap(({ serviceConfig }) => endpointsOf(serviceConfig))) {
      if (this.#ports.has(keyOf(endpoint))) continue
      const exposed = await this.#transport.expose(endpoint)
      this.#cleanUps.add(() => exposed.close())
      this.#ports.set(keyOf(endpoint), exposed.port)
    }
  }

  /** Returns the variables for the machine, without variables that name files of the local host. */
  variables(running: RunningServices, environment: Config['environment']): Record<string, string> {
    const { prefix, services } = this.#forwarded(running)
    const own = [...services.values()].map(({ label, serviceConfig }) => configVariables(prefix, label, serviceConfig))
    const configs = Object.fromEntries([...services].map(([name, { serviceConfig }]) => [name, serviceConfig]))
    const variables = Object.assign({}, ...own, environmentFrom(environment, configs))
    return exportedVariables({ prefix, services, variables })
  }

  /** Returns `LP_<LABEL>_INSTANCE` of each service, for the machine. */
  instanceVariables(instances: RunningServices): Record<string, string> {
    return instanceVariables(this.#forwarded(instances))
  }

  #forwarded({ prefix, services }: RunningServices): RunningServices {
    const portOf = (endpoint: Endpoint): number => this.#ports.get(keyOf(endpoint)) ?? endpoint.port
    const forwarded = [...services].map(([name, { label, serviceConfig }]) => {
      return [name, { label, serviceConfig: withPorts(serviceConfig, portOf) }] as const
    })
    return { prefix, services: new Map(forwarded) }
  }

  /** Closes the ports of the machine. */
  async close(): Promise<void> {
    const errors = await this.#cleanUps.run()
    if (errors.length > 0) throw combineErrors(errors)
  }
}

/** Returns `LP_<LABEL>_INSTANCE` of each service: with these, a client makes a tenant of its own. */
export function instanceVariables({ prefix, services }: RunningServices): Record<string, string> {
  const entries = [...services.values()].map(({ label, serviceConfig }) => {
    return [instanceVariable(prefix, label), JSON.stringify(serviceConfig)] as const
  })
  return Object.fromEntries(entries)
}

function keyOf({ host, port }: Endpoint): string {
  return `${host}:${port}`
}
