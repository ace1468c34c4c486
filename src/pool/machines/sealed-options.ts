import { openSecret, sealSecret } from '../../run/sealed-secret.ts'
import type { SshOptions } from '../../transport/ssh/ssh-options.ts'

/** Options of ssh for the journal: the secrets are sealed. */
export interface SealedOptions {
  readonly options: Omit<SshOptions, 'password' | 'passphrase'>
  /** Absent in journals of earlier versions, which have the secrets among the options. */
  readonly sealed?: { readonly password?: string; readonly passphrase?: string }
}

export function sealOptions({ password, passphrase, ...options }: SshOptions): SealedOptions {
  return {
    options,
    sealed: {
      ...(password !== undefined && { password: sealSecret(password) }),
      ...(passphrase !== undefined && { passphrase: sealSecret(passphrase) }),
    },
  }
}

/** Returns the options; `undefined` if this process cannot open the secrets. */
export function openOptions({ options, sealed = {} }: SealedOptions): SshOptions | undefined {
  const opened = Object.entries(sealed).map(([name, secret]) => [name, openSecret(secret)] as const)
  if (opened.some(([, secret]) => secret === undefined)) return undefined
  return { ...options, ...Object.fromEntries(opened) }
}
