import type { ExternalService } from '../service/external-service.ts'

/** Module with the definition, for the cases with a service in a process of its own. */
export interface ContractModule {
  /**
   * URL of the module, such as `new URL('./notes.ts', import.meta.url)`. Importing the module must have no effect: a
   * test file would register its tests again.
   */
  readonly url: string | URL
  /** Name of the export: a definition, or a function that returns a definition. Default: `default`. */
  readonly name?: string | undefined
}

/** Makes a service impure, by a kind of change. */
export type Dirt<Service> = (service: Service) => Promise<unknown> | unknown

/** Options from the author of a fixture. A case with missing hooks is left out. */
export interface ContractOptions<Service extends ExternalService<object> = ExternalService<object>> {
  /** The module for cases with a process of their own. Needed for hostile paths and for kills. */
  readonly module?: ContractModule | undefined
  /** Writes data into the service, or into the tenant. A repeated call may fail. */
  readonly write?: ((service: Service) => Promise<unknown> | unknown) | undefined
  /** Returns all data possibly changed by `write`, for comparison. */
  readonly read?: ((service: Service) => Promise<unknown> | unknown) | undefined
  /** Lists the tenants of a running instance. Left out for a service shared as a whole by all clients. */
  readonly tenants?: ((service: Service) => Promise<readonly string[]> | readonly string[]) | undefined
  /** Kinds of changes taken back by a reset, by name: `{ 'a row': async (service) => … }`. */
  readonly dirt?: Readonly<Record<string, Dirt<Service>>> | undefined
  /** Whether the service is in the state after its start. Needed for `dirt`. */
  readonly isPristine?: ((service: Service) => Promise<boolean> | boolean) | undefined
  /** Whether the service has a main process. Default: true. */
  readonly hasProcess?: boolean | undefined
  /** Base directory for relative paths in the definition's options. Default: the present directory. */
  readonly directory?: string | undefined
  /** Time limit of a start, in milliseconds. Default: 30,000. */
  readonly timeoutMs?: number | undefined
}

/** Options needed by cases. */
export type Hook = 'module' | 'write' | 'read' | 'tenants' | 'dirt' | 'isPristine' | 'hasProcess'
