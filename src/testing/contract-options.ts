import type { ExternalService } from '../service/external-service.ts'

/** Module that exports the definition, for the cases that start the service in a process of its own. */
export interface ContractModule {
  /**
   * URL of the module, such as `new URL('./notes.ts', import.meta.url)`. Importing the module must have no effect: a
   * test file would register its tests again.
   */
  readonly url: string | URL
  /** Name of the export: a definition, or a function that returns one. Default: `default`. */
  readonly name?: string | undefined
}

/** Makes a service impure, by one kind of change. */
export type Dirt<Service> = (service: Service) => Promise<unknown> | unknown

/** What the author of a fixture tells the contract. A case whose hooks are missing is left out. */
export interface ContractOptions<Service extends ExternalService<object> = ExternalService<object>> {
  /** The module for cases with a process of their own. Needed for hostile paths and for kills. */
  readonly module?: ContractModule | undefined
  /** Writes something into the service, or into the tenant. A repeated call may fail. */
  readonly write?: ((service: Service) => Promise<unknown> | unknown) | undefined
  /** Returns all data that `write` can change, for comparison. */
  readonly read?: ((service: Service) => Promise<unknown> | unknown) | undefined
  /** Lists the tenants of a running instance. Left out for a service that all clients share as a whole. */
  readonly tenants?: ((service: Service) => Promise<readonly string[]> | readonly string[]) | undefined
  /** Kinds of changes that a reset takes back, by name: `{ 'a row': async (service) => … }`. */
  readonly dirt?: Readonly<Record<string, Dirt<Service>>> | undefined
  /** Whether the service is as it was after its start. Needed for `dirt`. */
  readonly isPristine?: ((service: Service) => Promise<boolean> | boolean) | undefined
  /** Whether the service has a main process. Default: true. */
  readonly hasProcess?: boolean | undefined
  /** Directory in which relative paths of the definition's options start. Default: the present directory. */
  readonly directory?: string | undefined
  /** Time limit of one start, in milliseconds. Default: 30,000. */
  readonly timeoutMs?: number | undefined
}

/** Options that a case may need. */
export type Hook = 'module' | 'write' | 'read' | 'tenants' | 'dirt' | 'isPristine' | 'hasProcess'
