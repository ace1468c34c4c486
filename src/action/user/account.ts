import { readFileSync } from 'node:fs'
import { ConfigError } from '../../kernel/errors.ts'
import { OtherUser } from '../../process/other-user.ts'
import { ownEnvironment } from '../../process/own-environment.ts'

/** A user of this machine, different from the present user, for running actions. */
export interface Account {
  readonly name: string
  readonly uid: number
  readonly gid: number
  readonly home: string
  /** How this process switches to the user: directly if this process is root, otherwise by `sudo -n`. */
  readonly via: 'root' | 'sudo'
}

/**
 * Finds the user that actions run as. Returns `undefined` for no name, and for the user of this process.
 *
 * @throws ERR_CONFIG when /etc/passwd has no user of this name; ERR_PERMISSION when this process may not switch to the
 * user, with the line of sudoers that would permit the switch
 */
export function findAccount(name: string | undefined): Account | undefined {
  if (name === undefined) return undefined
  const account = readAccounts().find((each) => each.name === name)
  if (!account) throw new ConfigError(`user: there is no user "${name}" in /etc/passwd`)
  const own = process.getuid?.()
  if (own === account.uid) return undefined
  if (own === 0) return { ...account, via: 'root' }
  new OtherUser(account).requirePermission()
  return { ...account, via: 'sudo' }
}

/** Returns the user if only `sudo` can switch to the account, else `undefined`. */
export function otherUser(account: Account | undefined): OtherUser | undefined {
  return account?.via === 'sudo' ? new OtherUser(account) : undefined
}

function readAccounts(): Omit<Account, 'via'>[] {
  const rows = readFileSync('/etc/passwd', 'utf8').split('\n').filter(Boolean)
  return rows.map((row) => {
    const [name = '', , uid, gid, , home = '/'] = row.split(':')
    return { name, uid: Number(uid), gid: Number(gid), home }
  })
}

/** Variables of our own environment without secrets, passed to any user. */
const common = ['PATH', 'LANG', 'LC_ALL', 'TZ', 'TERM'] as const

/**
 * Returns the lowest layer of an action's environment. For the present user: the environment of this process. For a
 * different user: only variables without secrets, and the user's own HOME, where programs are readable.
 */
export function baseEnvironment(account: Account | undefined): Record<string, string> {
  if (!account) return ownEnvironment()
  const shared = common.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]]))
  return { ...Object.fromEntries(shared), HOME: account.home, USER: account.name, LOGNAME: account.name }
}
