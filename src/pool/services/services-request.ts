import type { ServiceStart } from '../../session/service-start.ts'

/** Variable with the number of the descriptor for the answers of the program on a machine. */
export const channelVariable = 'TEST_SERVICES_CHANNEL'

/** Request to the program on a machine: the services to start. */
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
