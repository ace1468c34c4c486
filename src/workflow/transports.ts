import type { TransportOptions } from '../config/transport-options.ts'
import { CleanUpStack } from '../kernel/cleanup-stack.ts'
import { asError, ConfigError, combineErrors } from '../kernel/errors.ts'
import { lazyByKey } from '../kernel/lazy.ts'
import type { ContainerMachinesOptions } from '../pool/machines/container-machines.ts'
import { quickLocal } from '../transport/local.ts'
import type { Transport } from '../transport/transport.ts'
import { initiator, problemOfName } from './config/transport-names.ts'
import type { WorkflowConfig } from './config/workflow-config.ts'

/** Returns the name of the transport for steps without one. */
export function defaultTransport({ transports }: Pick<WorkflowConfig, 'transports'>): string {
  const [first = initiator] = transports.keys()
  return first
}

/** The transports of a config, each opened at its first use. */
export class Transports {
  /** @throws ERR_CONFIG for an unknown name; ERR_TRANSPORT if a machine cannot be had */
  readonly get: (name: string) => Promise<Transport>
  readonly #choices: ReadonlyMap<string, TransportOptions>
  readonly #directory: string
  readonly #signal: AbortSignal
  readonly #cleanUps = new CleanUpStack()

  /**
   * @param directory where commands and relative paths on this machine begin
   * @param signal ends waiting for a machine
   */
  constructor({ transports }: Pick<WorkflowConfig, 'transports'>, directory: string, signal: AbortSignal) {
    this.#choices = new Map([...transports, [initiator, { type: 'local' }]])
    this.#directory = directory
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
    const problem = problemOfName(name, { transports: this.#choices })
    if (problem !== undefined) throw new ConfigError(problem)
    const transport = await this.#connect(this.#choices.get(name) as TransportOptions)
    this.#cleanUps.add(() => transport.close())
    return transport
  }

  // The others are loaded at their first use: an ssh client takes longer to load than a short command to run.
  async #connect(choice: TransportOptions): Promise<Transport> {
    if (choice.type === 'local') return quickLocal(this.#directory)
    if (choice.type === 'ssh') {
      const { type: _, ...options } = choice
      return (await import('../transport/ssh.ts')).ssh(options)
    }
    const { type: _, ...options } = choice
    if ('image' in options) return this.#newContainer(options)
    return (await import('../transport/container.ts')).inContainer(options)
  }

  async #newContainer(options: ContainerMachinesOptions): Promise<Transport> {
    const { containerMachines } = await import('../pool/machines/container-machines.ts')
    const containers = containerMachines({ ...options, slots: 1 })
    this.#cleanUps.add(() => containers.close())
    const { transport } = await containers.reserve({ signal: this.#signal })
    return transport
  }
}
