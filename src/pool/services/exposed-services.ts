import type { Config } from '../../config/define-config.ts'
import { CleanUpStack } from '../../kernel/cleanup-stack.ts'
import { asError, combineErrors } from '../../kernel/errors.ts'
import { configVariables } from '../../service/instance/variables.ts'
import { environmentFrom } from '../../session/environment.ts'
import { exportedVariables } from '../../session/exported-variables.ts'
import type { Transport } from '../../transport/transport.ts'
import { type Endpoint, endpointsOf, withPorts } from './endpoints.ts'
import type { HeldServices } from './held-services.ts'
import type { MachineServices, ServiceStart } from './machine-services.ts'

type Configs = ReadonlyMap<string, { readonly label: string; readonly serviceConfig: object }>

/** Services of this process, reached by a machine through forwarded ports. */
export class ExposedServices implements MachineServices {
  readonly variables: Readonly<Record<string, string>>
  readonly #held: HeldServices
  readonly #cleanUps: CleanUpStack

  private constructor(held: HeldServices, variables: Readonly<Record<string, string>>, cleanUps: CleanUpStack) {
    this.#held = held
    this.variables = variables
    this.#cleanUps = cleanUps
  }

  /** Forwards the ports of the services, and owns the services from then on. @throws ERR_TRANSPORT */
  static async open(held: HeldServices, transport: Transport, { environment }: Config): Promise<ExposedServices> {
    const cleanUps = new CleanUpStack()
    cleanUps.add(() => held.close())
    try {
      const ports = await forwardAll(held, transport, cleanUps)
      const services = configsWith(held, ({ host, port }) => ports.get(keyOf({ host, port })) ?? port)
      return new ExposedServices(held, variablesOf(held, services, environment), cleanUps)
    } catch (thrown) {
      throw combineErrors([asError(thrown), ...(await cleanUps.run())])
    }
  }

  get starts(): readonly ServiceStart[] {
    return this.#held.starts
  }

  reset(signal?: AbortSignal): Promise<void> {
    return this.#held.reset(signal)
  }

  logs(): Promise<Readonly<Record<string, string>>> {
    return this.#held.logs()
  }

  async close(): Promise<void> {
    const errors = await this.#cleanUps.run()
    if (errors.length > 0) throw combineErrors(errors)
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }
}

/** Returns the port of the machine for each address. */
async function forwardAll(
  held: HeldServices,
  transport: Transport,
  cleanUps: CleanUpStack,
): Promise<Map<string, number>> {
  const ports = new Map<string, number>()
  const endpoints = [...held.session.services.values()].flatMap(({ serviceConfig }) => endpointsOf(serviceConfig))
  for (const endpoint of endpoints) {
    if (ports.has(keyOf(endpoint))) continue
    const exposed = await transport.expose(endpoint)
    cleanUps.add(() => exposed.close())
    ports.set(keyOf(endpoint), exposed.port)
  }
  return ports
}

function keyOf({ host, port }: Endpoint): string {
  return `${host}:${port}`
}

function configsWith({ session }: HeldServices, portOf: (endpoint: Endpoint) => number): Configs {
  const services = [...session.services]
  return new Map(
    services.map(([name, { label, serviceConfig }]) => [
      name,
      { label, serviceConfig: withPorts(serviceConfig, portOf) },
    ]),
  )
}

/** Returns the variables, without variables that name files of the local host. */
function variablesOf(
  { session: { prefix } }: HeldServices,
  services: Configs,
  environment: Config['environment'],
): Record<string, string> {
  const own = [...services.values()].map(({ label, serviceConfig }) => configVariables(prefix, label, serviceConfig))
  const configs = Object.fromEntries([...services].map(([name, { serviceConfig }]) => [name, serviceConfig]))
  const variables = Object.assign({}, ...own, environmentFrom(environment, configs))
  return exportedVariables({ prefix, services, variables })
}
