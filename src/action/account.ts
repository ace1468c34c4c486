import { readFileSync } from 'node:fs'
import { ConfigError } from '../kernel/errors.ts'
import { ownEnvironment } from '../process/own-environment.ts'
import { askAs, type SudoUser } from '../process/sudo.ts'

/** Another user of this machine, as whom an action runs. */
export interface Account {
  readonly name: string
  readonly uid: number
  readonly gid: number
  readonly home: string
  /** How this process becomes it: root as it is, others by `sudo -n`. */
  readonly via: 'root' | 'sudo'
}

/**
 * Finds a user to run as; `undefined` when that is the present one.
 *
 * @throws ERR_CONFIG when there is no such user, ERR_PERMISSION when this process may not become it, with the line of
 * sudoers that would permit it
 */
export function findAccount(name: string | undefined): Account | undefined {
  if (name === undefined) return undefined
  const account = readAccounts().find((each) => each.name === name)
  if (!account) throw new ConfigError(`user: there is no user "${name}" in /etc/passwd`)
  const own = process.getuid?.()
  if (own === account.uid) return undefined
  if (own === 0) return { ...account, via: 'root' }
  askAs(account, { script: ':' })
  return { ...account, via: 'sudo' }
}

/** The account where only `sudo` becomes it. */
export function sudoUser(account: Account | undefined): SudoUser | undefined {
  return account?.via === 'sudo' ? { name: account.name, uid: account.uid } : undefined
}

function readAccounts(): Omit<Account, 'via'>[] {
  const rows = readFileSync('/etc/passwd', 'utf8').split('\n').filter(Boolean)
  return rows.map((row) => {
    const [name = '', , uid, gid, , home = '/'] = row.split(':')
    return { name, uid: Number(uid), gid: Number(gid), home }
  })
}

/** Of our own environment, what is for every user. */
const common = ['PATH', 'LANG', 'LC_ALL', 'TZ', 'TERM'] as const

/**
 * The environment below all others: this process's own for an action of the same user; for another one only what is
 * nobody's secret, and the home where that user's programs can read.
 */
export function baseEnvironment(account: Account | undefined): Record<string, string> {
  if (!account) return ownEnvironment()
  const shared = common.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]]))
  return { ...Object.fromEntries(shared), HOME: account.home, USER: account.name, LOGNAME: account.name }
}
