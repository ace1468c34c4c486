import type { ExternalService } from '../../service/external-service.ts'

export interface UseServiceOptions {
  /**
   * `unique`: a process of its own, which a test may kill, pause or restart. Default: `shared`, the service of the
   * worker's slot; for a definition without a config, a tenant of a running instance, else a process.
   */
  readonly instance?: 'shared' | 'unique' | undefined
  /** With `instance: 'unique'`: puts a proxy in front of the service, for faults by `service.network`. Default: false. */
  readonly network?: boolean | undefined
  /** Label of the service, `[A-Z][A-Z0-9_]*`. Default: the label of the definition's name in its config. */
  readonly label?: string | undefined
  /**
   * The needed services by name, each from an earlier `useService`. Default: services of the definition's config, from
   * an earlier `useService`, else from the worker's slot.
   */
  readonly needs?: Readonly<Record<string, ExternalService<object>>> | undefined
  /**
   * Prefix of the variables' names. Default: the prefix of the definition's config, else of the plugin's config, else
   * `LP`.
   */
  readonly prefix?: string | undefined
  /** Limit for the start, in milliseconds. Default: 60,000. */
  readonly timeoutMs?: number | undefined
}
