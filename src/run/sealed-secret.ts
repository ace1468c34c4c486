import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import { guardianKey } from './guardian-key.ts'

const cipherName = 'aes-256-gcm'
const ivBytes = 12
const tagBytes = 16

/** Encrypts a secret for the journal. Only this process and its guardians can open the result. */
export function sealSecret(secret: string): string {
  const iv = randomBytes(ivBytes)
  const cipher = createCipheriv(cipherName, guardianKey(), iv)
  const encrypted = [cipher.update(secret, 'utf8'), cipher.final()]
  return Buffer.concat([iv, ...encrypted, cipher.getAuthTag()]).toString('base64')
}

/** Returns the secret; `undefined` if a different process has sealed it. */
export function openSecret(sealed: string): string | undefined {
  const bytes = Buffer.from(sealed, 'base64')
  try {
    const decipher = createDecipheriv(cipherName, guardianKey(), bytes.subarray(0, ivBytes))
    decipher.setAuthTag(bytes.subarray(-tagBytes))
    const opened = decipher.update(bytes.subarray(ivBytes, -tagBytes))
    return Buffer.concat([opened, decipher.final()]).toString()
  } catch {
    // The errors of a different key, and of damaged text, have no codes.
    return undefined
  }
}
