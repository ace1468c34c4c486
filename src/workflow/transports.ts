import { CleanUpStack } from '../kernel/cleanup-stack.ts'
import { asError, ConfigError, combineErrors } from '../kernel/errors.ts'
import { lazyByKey } from '../kernel/lazy.ts'
import { didYouMean } from '../kernel/suggestion.ts'
import type { SshOptions } from '../transport/ssh/ssh-options.ts'
import type { Transport } from '../transport/transport.ts'
import type { TransportChoice, WorkflowConfig } from './config/workflow-config.ts'

/** Name of the transport to this machine, in every config. */
const initiator = 'initiator'

/** Returns the name of the transport for steps without one. */
export function defaultTransport({ transports }: Pick<WorkflowConfig, 'transports'>): string {
  const [first = initiator] = transports.keys()
  return first
}

/** The transports of a config, each opened at its first use. */
export class Transports {
  /** @throws ERR_CONFIG for an unknown name; ERR_TRANSPORT if a machine cannot be had */
  readonly get: (name: string) => Promise<Transport>
  readonly #choices: ReadonlyMap<string, TransportChoice>
  readonly #signal: AbortSignal
  readonly #cleanUps = new CleanUpStack()

  /** @param signal ends waiting for a machine */
  constructor({ transports }: Pick<WorkflowConfig, 'transports'>, signal: AbortSignal) {
    this.#choices = new Map([...transports, [initiator, { type: 'local' }]])
    this.#signal = signal
    this.get = lazyByKey((name) => this.#open(name))
  }

  /** Whether commands of a transport run on this machine. */
  isLocal(name: string): boolean {
    return this.#choices.get(name)?.type === 'local'
  }

  /** Ends running commands, connections and containers. */
  async close(): Promise<void> {
    const errors = await this.#cleanUps.run()
    if (errors.length > 0) throw combineErrors(errors.map(asError))
  }

  async #open(name: string): Promise<Transport> {
    const choice = this.#choices.get(name)
    if (!choice) {
      const known = [...this.#choices.keys()]
      throw new ConfigError(
        `there is no transport "${name}"${didYouMean(name, known)}; expected one of ${known.join(', ')}`,
      )
    }
    const transport = await this.#connect(choice)
    this.#cleanUps.add(() => transport.close())
    return transport
  }

  // Each kind is loaded at its first use: an ssh client takes longer to load than a short command to run.
  async #connect(choice: TransportChoice): Promise<Transport> {
    const { type, ...options } = choice
    switch (type) {
      case 'local':
        return (await import('../transport/local.ts')).quickLocal()
      case 'ssh':
        return (await import('../transport/ssh.ts')).ssh(options as unknown as SshOptions)
      case 'container': {
        if ('image' in options) return this.#newContainer(options)
        return (await import('../transport/container.ts')).inContainer(options as unknown as ContainerName)
      }
    }
  }

  async #newContainer(options: object): Promise<Transport> {
    const { containerMachines } = await import('../pool/machines/container-machines.ts')
    const containers = containerMachines({ ...(options as ContainerImage), slots: 1 })
    this.#cleanUps.add(() => containers.close())
    const { transport } = await containers.reserve({ signal: this.#signal })
    return transport
  }
}

interface ContainerName {
  readonly name: string
}

interface ContainerImage {
  readonly image: string
}
