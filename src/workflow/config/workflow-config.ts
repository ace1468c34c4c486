import type { Stack } from '../../config/stack.ts'
import type { TransportOptions } from '../../config/transport-options.ts'

/** The config of a workflow: files put together, with the values of `TEST_SERVICES_*` variables. */
export interface WorkflowConfig {
  /** The files, in the order of reading: a later file wins. */
  readonly files: readonly string[]
  /** Transports by name; the first is the default. `initiator`, this machine, is always known. */
  readonly transports: ReadonlyMap<string, TransportOptions>
  /** Values under keys such as `password` and `token`, and passwords inside URLs: to be redacted. */
  readonly secrets: readonly string[]
  /** Returns the value for a path such as `a.b`, after the override by `TEST_SERVICES_A_B`. */
  value(path: string): unknown
  /** Returns the paths of all values in the files, for advice. */
  paths(): readonly string[]
  /**
   * Finds services: of the files, else of the config of the project, else fixtures by name.
   *
   * @throws ERR_USAGE for an unknown name; the errors of the config of the project
   */
  servicesOf(names: readonly string[], signal?: AbortSignal): Promise<Stack>
}
