import { appendFileSync } from 'node:fs'
import type { SessionListener } from '../../session/events.ts'
import { startIn, startsVariable, type TenantNames } from '../../session/service-start.ts'

/** Whether a pool runs this Vitest, for a file of tests. */
export function isInPool(): boolean {
  return Boolean(process.env[startsVariable])
}

/** Returns a listener that writes the starts of services into the file of the pool; `undefined` without a pool. */
export function startRecorder(tenants: TenantNames): SessionListener | undefined {
  const file = process.env[startsVariable]
  if (!file) return undefined
  return (event) => {
    const start = startIn(event, tenants)
    // The main process and the workers each write whole lines.
    if (start) appendFileSync(file, `${JSON.stringify(start)}\n`)
  }
}
