import type { ExternalService } from '../../service/external-service.ts'

export interface UseServiceOptions {
  /**
   * `unique`: a process of its own, which a test may kill, pause or restart. Default: `shared`, the service of the
   * worker's slot; for a definition that stands in no config, a tenant of a running instance, else a process.
   */
  readonly instance?: 'shared' | 'unique' | undefined
  /** `[A-Z][A-Z0-9_]*`. Default: the label of the definition's name in its config. */
  readonly label?: string | undefined
  /**
   * The services that this one needs, by name, each from a `useService` before. Default: services of the config that the
   * definition stands in: from a `useService` before this one, else those of the worker's slot.
   */
  readonly needs?: Readonly<Record<string, ExternalService<object>>> | undefined
  /** Prefix of the variables' names. Default: the prefix of its config, else of the plugin's config, else `LP`. */
  readonly prefix?: string | undefined
  /** Limit for its start, in milliseconds. Default: 60,000. */
  readonly timeoutMs?: number | undefined
}
