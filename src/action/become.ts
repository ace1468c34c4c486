import { join } from 'node:path'
import { randomName } from '../host/secret.ts'
import { ConfigError } from '../kernel/errors.ts'
import { bytesOf } from '../kernel/undecodable.ts'
import type { GatedCommand } from '../process/spawn-gate.ts'
import { sudoArgv } from '../process/sudo.ts'
import { quotePosix } from '../shell/posix.ts'
import type { Account } from './account.ts'
import { writePrivateFile } from './private-file.ts'

/** Whose a command is to be. */
export interface Becoming {
  readonly account: Account
  /** A directory that is the account's alone. */
  readonly place: string
}

type Command = Pick<GatedCommand, 'argv' | 'environment' | 'directory'>

/**
 * What to spawn so that the command runs as another user, in its directory, with exactly its environment.
 *
 * @throws ERR_CONFIG for a variable that no shell can set, where it takes `sudo`
 */
export function become(command: Command, { account, place }: Becoming): Command & Pick<GatedCommand, 'user'> {
  if (account.via === 'root') return { ...command, user: { uid: account.uid, gid: account.gid } }
  const { argv, environment, directory } = command
  const file = join(place, `environment-${randomName(nameLength)}`)
  writePrivateFile(file, bytesOf(exportsOf(environment)), { owner: account })
  const args = [beginScript, 'sh', file, directory, ...argv]
  return {
    argv: sudoArgv(account, { script: 'exec env -i /bin/sh -c "$@"', args }),
    environment: process.env.PATH === undefined ? {} : { PATH: process.env.PATH },
    // The directory may be one that this user cannot enter.
    directory: '/',
  }
}

const nameLength = 12

/** `sudo` hands no environment on, and everybody can read arguments: it is in a file, which is removed as it is read. */
const beginScript = `
cd "$2" || exit 126
environment=$(cat "$1") || exit 126
rm -f "$1"
shift 2
unset OLDPWD
eval "$environment"
exec "$@"`

const shellName = /^[A-Za-z_]\w*$/

function exportsOf(environment: Readonly<Record<string, string>>): string {
  const entries = Object.entries(environment)
  const odd = entries.find(([name]) => !shellName.test(name))
  if (odd)
    throw new ConfigError(`the variable "${odd[0]}" cannot be handed on through sudo: no shell can set such a name`)
  return entries.map(([name, value]) => `export ${name}=${quotePosix(value)}\n`).join('')
}
