import { readFileSync, statSync } from 'node:fs'
import type { ParsedKey } from 'ssh2'
import { asError, ConfigError } from '../../kernel/errors.ts'
import type { SshTarget } from './ssh-options.ts'

const othersMayRead = 0o077

/** Parses a private key: `utils.parseKey` of ssh2. */
export type ParseKey = (data: Buffer, passphrase?: string) => ParsedKey | Error

/**
 * Reads the private keys.
 *
 * @throws ERR_CONFIG for a missing or damaged key, a key readable for other users, or encrypted without a passphrase
 */
export function readPrivateKeys({ keys, passphrase }: SshTarget, parseKey: ParseKey): ParsedKey[] {
  return keys.map((path) => {
    const parsed = parseKey(readPrivately(path), passphrase)
    if (!(parsed instanceof Error)) return parsed
    throw new ConfigError(`${path}: ${adviceFor(parsed.message, path, passphrase)}`, { cause: parsed })
  })
}

function readPrivately(path: string): Buffer {
  try {
    const { mode } = statSync(path)
    if ((mode & othersMayRead) === 0) return readFileSync(path)
  } catch (thrown) {
    throw new ConfigError(`cannot read the private key: ${asError(thrown).message}`, { cause: thrown })
  }
  throw new ConfigError(`${path}: other users may read this private key; run "chmod 600 ${path}"`)
}

function adviceFor(message: string, path: string, passphrase: string | undefined): string {
  if (/no passphrase given/i.test(message))
    return `the private key is encrypted; give its passphrase, or add the key to an agent: ssh-add ${path}`
  const isOpened = passphrase === undefined || !/bad passphrase/i.test(message)
  return isOpened
    ? `not a private key that can be used: ${message}`
    : 'the passphrase is not the one of this private key'
}
