import { randomName } from '../host/secret.ts'
import { lazy } from '../kernel/lazy.ts'

/** Variable with the key, in the environment of a guardian alone: other users cannot read the environment. */
const keyVariable = 'TEST_SERVICES_GUARDIAN_KEY'
/** Of AES-256. */
const keyBytes = 32

/** The key of all copies of this module in this process, or of the holder for which this process cleans up. */
const shared = globalThis as { [place]?: string }
const place: unique symbol = Symbol.for('test-services.key') as never

/** Returns the key for secrets in the journal of this process. */
export const guardianKey = lazy(() => {
  shared[place] ??= process.env[keyVariable] ?? randomName(keyBytes)
  return shared[place]
})

/** Returns the variable with which a guardian opens what this process has sealed. */
export function keyForGuardian(): Readonly<Record<string, string>> {
  return { [keyVariable]: guardianKey() }
}
