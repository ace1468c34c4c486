import { closeSync, openSync, readSync } from 'node:fs'
import { valueUnless } from '../kernel/value-unless.ts'

const alphabet = 'abcdefghijklmnopqrstuvwxyz0123456789'

/**
 * Returns random text of letters and digits: safe in every shell, URL, path and identifier. About 5 bits a character.
 */
export function randomName(length: number): string {
  let name = ''
  while (name.length < length) {
    // Bytes from 252 up would favour the first letters of the alphabet.
    for (const byte of randomBytes(length)) if (byte < 252) name += alphabet[byte % alphabet.length]
  }
  return name.slice(0, length)
}

/** Returns a password of 124 bits. */
export function randomPassword(): string {
  return randomName(24)
}

/** Returns 64 random numbers from 0 up to a limit of at most a million, exclusive. */
export function randomNumbers(limit: number): number[] {
  return Array.from(new Uint32Array(randomBytes(256).buffer), (number) => number % limit)
}

/** Returns at most as many random bytes. Asks the kernel: the module `node:crypto` takes 2 ms to load. */
function randomBytes(most: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(most)
  const read = valueUnless(['ENOENT', 'EACCES', 'EMFILE', 'ENFILE'], () => readSource(bytes))
  return read === undefined ? globalThis.crypto.getRandomValues(bytes) : bytes.subarray(0, read)
}

/** @see random(4): a read of up to 256 bytes is not interrupted */
function readSource(bytes: Uint8Array): number {
  const descriptor = openSync('/dev/urandom', 'r')
  try {
    return readSync(descriptor, bytes)
  } finally {
    closeSync(descriptor)
  }
}
