import type { ExternalService } from '../../service/external-service.ts'

export interface UseServiceOptions {
  /**
   * `unique`: a process of its own, which a test may kill, pause or restart. Default: `shared`, the worker's slice of
   * the run's instance, or a unique one where the run has none.
   */
  readonly instance?: 'shared' | 'unique' | undefined
  /** `[A-Z][A-Z0-9_]*`. Default: the label of the definition's name in its config. */
  readonly label?: string | undefined
  /**
   * The services that this one needs, by name, each from a `useService` before. Default: those of the config that the
   * definition stands in: the one that `process.env` names, such as that of a `useService` before this one, else the one
   * that `serviceFixtures` gives.
   */
  readonly needs?: Readonly<Record<string, ExternalService<object>>> | undefined
  /** Prefix of the variables' names. Default: the prefix of its config, else of the plugin's config, else `LP`. */
  readonly prefix?: string | undefined
  /** Limit for its start, in milliseconds. Default: 60,000. */
  readonly timeoutMs?: number | undefined
}
