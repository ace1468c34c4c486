import { StateError } from '../../kernel/errors.ts'
import type { Network } from '../../proxy/network.ts'
import type { Faults } from './faults.ts'

/** State of a service, as far as faults depend on the state. */
export interface FaultSituation {
  readonly phase: string
  /** Whether the service is a tenant of a shared instance. */
  readonly isTenant: boolean
  /** Advice for a service that is down. */
  readonly whenDown: string
  /** Absent for a service without a process of this holder. */
  readonly faults: Faults | undefined
  /** Absent for a service without a proxy. */
  readonly network: Network | undefined
}

/**
 * The faults for a test to make at a service of its own. `reset` ends all faults, and `cleanUp` works in any state.
 * Calls are done one by one.
 */
export abstract class FaultControls {
  abstract readonly label: string

  /** @internal */
  protected abstract readonly faultSituation: FaultSituation

  /**
   * The network between clients and the service, after a start with `network: true`.
   *
   * @throws ERR_STATE for a service without a proxy
   */
  get network(): Network {
    const { network } = this.#situation('network')
    if (network) return network
    throw new StateError(`${this.label}: network is not possible: ${howToOpenNetwork}`)
  }

  /**
   * Stops the processes by the service's stop ladder. Port, files and config stay, so that `start` continues. Harmless
   * when repeated.
   *
   * @throws ERR_STATE for a service that is down, shared, or without a process; ERR_LEFT_BEHIND
   */
  async stop(): Promise<void> {
    await this.#faultsFor('stop').do('stop')
  }

  /**
   * Starts the processes again, on the same port and with the data kept by the server, and waits until the service is
   * ready. The limit is the limit of the set-up.
   *
   * @throws ERR_STATE for a service that runs; ERR_START, ERR_NOT_READY, ERR_PORT_TAKEN
   */
  async start(): Promise<void> {
    await this.#faultsFor('start').do('start')
  }

  /** Stops the processes, unless stopped before, and starts the processes again. @throws as `stop` and `start` */
  async restart(): Promise<void> {
    await this.#faultsFor('restart').do('restart')
  }

  /** Ends all processes by SIGKILL, as a crash does. `start` follows. @throws the errors of `stop` */
  async kill(): Promise<void> {
    await this.#faultsFor('kill').do('kill')
  }

  /**
   * Stops all processes by SIGSTOP: connections stay open, and nothing answers. Harmless when repeated.
   *
   * @throws ERR_STATE also for a service that is stopped; ERR_DEADLINE if a process cannot be paused within 5 s
   */
  async pause(): Promise<void> {
    await this.#faultsFor('pause').do('pause')
  }

  /** Continues paused processes. Harmless for processes that are not paused. @throws ERR_STATE like `pause` */
  async resume(): Promise<void> {
    await this.#faultsFor('resume').do('resume')
  }

  #faultsFor(call: string): Faults {
    const { faults } = this.#situation(`${call}()`)
    if (faults) return faults
    throw new StateError(`${this.label}: ${call}() is not possible: it has no process of its own`)
  }

  #situation(what: string): FaultSituation {
    const situation = this.faultSituation
    const refusal = refusalOf(situation)
    if (refusal === undefined) return situation
    throw new StateError(`${this.label}: ${what} is not possible: ${refusal}`)
  }
}

const howToOpenNetwork =
  "ask for it at the start, as in start(…, { network: true }) or useService(…, { instance: 'unique', network: true })"

function refusalOf({ phase, isTenant, whenDown }: FaultSituation): string | undefined {
  if (phase !== 'up') return `it is ${phase}; ${whenDown}`
  if (isTenant)
    return "others use its instance, too; use an instance of your own: useService(…, { instance: 'unique' }), or start(…) without useExisting"
  return undefined
}
