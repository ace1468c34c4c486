import type { ServiceStart } from './machine-services.ts'

/** Variable with the number of the descriptor on which the program on a machine answers. */
export const channelVariable = 'TEST_SERVICES_CHANNEL'

/** What the program on a machine is asked to start. */
export interface ServicesRequest {
  /** Path on the machine. */
  readonly configFile: string
  /** Default: all of the config. */
  readonly names: readonly string[]
  readonly timeoutMs?: number | undefined
}

/** Answer to the request, once the services are ready. */
export interface StartedThere {
  readonly variables: Readonly<Record<string, string>>
  readonly starts: readonly ServiceStart[]
}
