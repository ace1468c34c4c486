import { epochMs } from '../kernel/clock.ts'
import type { SessionEvent } from './events.ts'

/** The start of a service. */
export interface ServiceStart {
  readonly service: string
  /** ISO 8601, in UTC. */
  readonly begin: string
  /** Milliseconds until the service was ready, or until the start failed. */
  readonly readyMs: number
  /** `true` for a part of a running instance, such as a database. Default: a new instance was started. */
  readonly isTenant?: boolean | undefined
  /** Message of the error, for a start that failed. */
  readonly error?: string | undefined
}

/** Variable with the path of a file, set by a pool for Vitest. The file gets a line of JSON for each start of a service. */
export const startsVariable = 'TEST_SERVICES_STARTS'

/** Names of the services that get a part of a running instance: a set, or the keys of a map. */
export type TenantNames = Pick<ReadonlySet<string>, 'has'>

/** Returns the start that an event ends; `undefined` for another event. */
export function startIn(event: SessionEvent, tenants: TenantNames): ServiceStart | undefined {
  if (event.kind !== 'ready' && event.kind !== 'failed') return undefined
  const { service, tookMs } = event
  const readyMs = Math.round(tookMs)
  const begin = new Date(epochMs() - readyMs).toISOString()
  const facts = {
    ...(tenants.has(service) && { isTenant: true }),
    ...(event.kind === 'failed' && { error: event.reason }),
  }
  return { service, begin, readyMs, ...facts }
}
