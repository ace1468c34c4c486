import type { Config } from '../../config/define-config.ts'
import { CleanUpStack } from '../../kernel/cleanup-stack.ts'
import { asError, combineErrors } from '../../kernel/errors.ts'
import type { ServiceStart } from '../../session/service-start.ts'
import type { Transport } from '../../transport/transport.ts'
import { ForwardedPorts } from './forwarded-ports.ts'
import type { HeldServices } from './held-services.ts'
import type { MachineServices } from './machine-services.ts'

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
    const ports = new ForwardedPorts(transport)
    cleanUps.add(() => held.close())
    cleanUps.add(() => ports.close())
    try {
      const { session, instances } = held
      for (const running of [session, instances]) await ports.forward(running)
      const variables = { ...ports.variables(session, environment), ...ports.instanceVariables(instances) }
      return new ExposedServices(held, variables, cleanUps)
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
