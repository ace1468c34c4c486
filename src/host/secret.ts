import { randomBytes } from 'node:crypto'

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
