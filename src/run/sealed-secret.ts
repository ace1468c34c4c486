import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import { lazy } from '../kernel/lazy.ts'

/** Variable with the key, in the environment of a guardian alone: other users cannot read the environment. */
const keyVariable = 'TEST_SERVICES_KEY'
const cipherName = 'aes-256-gcm'
const keyBytes = 32
const ivBytes = 12
const tagBytes = 16

/** The key of all copies of this module in this process, or of the holder for which this process cleans up. */
const shared = globalThis as { [place]?: Buffer }
const place: unique symbol = Symbol.for('test-services.key') as never
const key = lazy(() => {
  const given = process.env[keyVariable]
  shared[place] ??= given === undefined ? randomBytes(keyBytes) : Buffer.from(given, 'base64')
  return shared[place]
})

/** Returns the variable with which a guardian opens what this process has sealed. */
export function keyForGuardian(): Readonly<Record<string, string>> {
  return { [keyVariable]: key().toString('base64') }
}

/** Encrypts a secret for the journal. Only this process and its guardians can open the result. */
export function sealSecret(secret: string): string {
  const iv = randomBytes(ivBytes)
  const cipher = createCipheriv(cipherName, key(), iv)
  const encrypted = [cipher.update(secret, 'utf8'), cipher.final()]
  return Buffer.concat([iv, ...encrypted, cipher.getAuthTag()]).toString('base64')
}

/** Returns the secret; `undefined` if a different process has sealed it. */
export function openSecret(sealed: string): string | undefined {
  const bytes = Buffer.from(sealed, 'base64')
  try {
    const decipher = createDecipheriv(cipherName, key(), bytes.subarray(0, ivBytes))
    decipher.setAuthTag(bytes.subarray(-tagBytes))
    const opened = decipher.update(bytes.subarray(ivBytes, -tagBytes))
    return Buffer.concat([opened, decipher.final()]).toString()
  } catch {
    // The errors of a different key, and of damaged text, have no codes.
    return undefined
  }
}
