import type { Faults } from './faults.ts'

/**
 * The faults that a test can make at a service of its own. `reset` puts everything back, and `cleanUp` works in any
 * state. Calls are done one after the other.
 */
export abstract class FaultControls {
  /** Returns the faults of the present instance. @throws ERR_STATE if the instance allows none @internal */
  protected abstract faultsFor(call: string): Faults

  /**
   * Stops the processes by the service's stop ladder. Port, files and config stay, so that `start` continues. Harmless
   * when repeated.
   *
   * @throws ERR_STATE for a service that is down, that is shared with others, or that has no process; ERR_LEFT_BEHIND
   */
  async stop(): Promise<void> {
    await this.faultsFor('stop').do('stop')
  }

  /**
   * Starts the processes again, on the same port and with the data that the server has kept, and waits until they are
   * ready. The limit is the limit of the set-up.
   *
   * @throws ERR_STATE for a service that runs; ERR_START, ERR_NOT_READY, ERR_PORT_TAKEN
   */
  async start(): Promise<void> {
    await this.faultsFor('start').do('start')
  }

  /** Stops the processes, unless they are stopped, and starts them again. @throws the errors of `stop` and `start` */
  async restart(): Promise<void> {
    await this.faultsFor('restart').do('restart')
  }

  /** Ends all processes by SIGKILL, as a crash does. `start` follows. @throws the errors of `stop` */
  async kill(): Promise<void> {
    await this.faultsFor('kill').do('kill')
  }

  /**
   * Stops all processes by SIGSTOP: connections stay open, and nothing answers. Harmless when repeated.
   *
   * @throws ERR_STATE also for a service that is stopped; ERR_DEADLINE if a process cannot be paused within 5 s
   */
  async pause(): Promise<void> {
    await this.faultsFor('pause').do('pause')
  }

  /** Continues paused processes. Harmless for processes that are not paused. @throws ERR_STATE as `pause` does */
  async resume(): Promise<void> {
    await this.faultsFor('resume').do('resume')
  }
}
