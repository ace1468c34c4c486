import type { Transport } from '../../transport/transport.ts'

/** Makes the machines of a provisioner. Counting, waiting and further attempts are the work of `createProvisioner`. */
export interface MachineMaker {
  /** For messages: `local`, `ssh`. */
  readonly name: string
  /** Most machines at a time. Fewer after a permanent failure that leaves other machines: 0 if none is left. */
  readonly slots: number
  /**
   * Makes a machine. A failure leaves nothing behind.
   *
   * @param number counts the attempts to make a machine, from 1; part of a unique name
   * @param signal fires when the machine is no longer wanted
   */
  make(number: number, signal: AbortSignal): Promise<MadeMachine>
  /** Called once all machines have ended. */
  close?(): Promise<void>
}

/** A machine, as returned by the maker. */
export interface MadeMachine {
  readonly name: string
  readonly platform: string
  readonly transport: Transport
  /** An empty directory on the machine. */
  readonly directory: string
  /** Ends all processes on the machine, removes the directory, and closes the transport. Called once. */
  end(): Promise<void>
}
