import { join } from 'node:path'
import { randomName } from '../../host/secret.ts'
import { ConfigError } from '../../kernel/errors.ts'
import { bytesOf } from '../../kernel/undecodable.ts'
import { OtherUser } from '../../process/other-user.ts'
import type { GatedCommand } from '../../process/spawn-gate.ts'
import { quotePosix } from '../../shell/posix.ts'
import type { Account } from './account.ts'
import { writePrivateFile } from './private-file.ts'

/** The user for running a command. */
export interface RunAs {
  readonly account: Account
  /** A directory owned by the account, closed to other users. */
  readonly ownedDirectory: string
}

type Command = Pick<GatedCommand, 'argv' | 'environment' | 'directory'>

/**
 * Returns the command to spawn so that `command` runs as the account's user, in the given directory, with exactly the
 * given environment.
 *
 * @throws ERR_CONFIG when `sudo` is needed and a shell cannot set one of the variables
 */
export function asUser(command: Command, { account, ownedDirectory }: RunAs): Command & Pick<GatedCommand, 'user'> {
  if (account.via === 'root') return { ...command, user: { uid: account.uid, gid: account.gid } }
  const { argv, environment, directory } = command
  const file = join(ownedDirectory, `environment-${randomName(nameLength)}`)
  writePrivateFile(file, bytesOf(exportsOf(environment)), { owner: account })
  const args = [beginScript, 'sh', file, directory, ...argv]
  return {
    argv: new OtherUser(account).argv({ script: 'exec env -i /bin/sh -c "$@"', args }),
    environment: process.env.PATH === undefined ? {} : { PATH: process.env.PATH },
    // The user of this process may have no access to the directory.
    directory: '/',
  }
}

const nameLength = 12

/**
 * Program that starts the command below `sudo`. `sudo` passes no environment on, and arguments are readable by all
 * users. So the environment is in a file, removed as soon as read.
 */
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
