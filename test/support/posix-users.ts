import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'

/** By their paths: an ordinary user's PATH has no `sbin`. Part of Debian's `passwd`. */
const programs = { add: '/usr/sbin/useradd', remove: '/usr/sbin/userdel' } as const

export interface PosixIdentity {
  readonly uid: number
  readonly gid: number
}

/** Makes a user of this machine; only root can. */
export function addUser(name: string, options: readonly string[]): PosixIdentity {
  execFileSync(programs.add, [...options, name])
  return identityOfUser(name)
}

export function removeUser(name: string): void {
  execFileSync(programs.remove, [name])
}

export function identityOfUser(name: string): PosixIdentity {
  const lines = readFileSync('/etc/passwd', 'utf8').split('\n')
  const [, , uid, gid] = lines.find((line) => line.startsWith(`${name}:`))?.split(':') ?? []
  return { uid: Number(uid), gid: Number(gid) }
}
