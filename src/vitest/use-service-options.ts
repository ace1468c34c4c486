import type { ExternalService } from '../service/external-service.ts'

export interface UseServiceOptions {
  /**
   * `unique`: a process of its own, which a test may kill, pause or restart. Default: `shared`, a slice of the run's
   * instance, or a unique one where the run has none.
   */
  readonly instance?: 'shared' | 'unique' | undefined
  /** `[A-Z][A-Z0-9_]*`. Default: that of the definition's name in its config. */
  readonly label?: string | undefined
  /**
   * The services that this one needs, by name, each from a `useService` before. Default: those of the config that the
   * definition stands in, as `serviceFixtures` gives them.
   */
  readonly needs?: Readonly<Record<string, ExternalService<object>>> | undefined
  /** Of the variables' names. Default: that of the plugin's config, else `LP`. */
  readonly prefix?: string | undefined
  /** For its start, in milliseconds. Default: 60,000. */
  readonly timeoutMs?: number | undefined
}
