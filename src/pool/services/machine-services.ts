import type { ServiceStart } from '../../session/service-start.ts'
import type { Machine } from '../machines/machine.ts'

/** The services for the tests of a machine. */
export interface MachineServices extends AsyncDisposable {
  /** `LP_*`, and all further variables for reaching the services from the machine. */
  readonly variables: Readonly<Record<string, string>>
  /** The starts of the services, in the order of becoming ready. Default: none is known. */
  readonly starts?: readonly ServiceStart[] | undefined
  /** Resets the services before a test. @throws errors of the services: the attempt is `infra` */
  reset(signal?: AbortSignal): Promise<void>
  /** Returns the logs of the services since the last reset, by service. */
  logs(): Promise<Readonly<Record<string, string>>>
  close(): Promise<void>
}

/** Brings the services of a pool up for a machine. */
export interface ServicesFor {
  (machine: Machine, signal: AbortSignal): Promise<MachineServices>
  /**
   * Ends the services shared by all machines. The pool calls `close` once, after closing the services of all machines.
   */
  readonly close?: (() => Promise<void>) | undefined
}
