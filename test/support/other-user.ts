import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { afterAll } from 'vitest'
import { randomName } from '../../src/host/secret.ts'

export interface OtherUser {
  readonly name: string
  readonly uid: number
  readonly gid: number
}

/** Why there is no other user to run as; `undefined` when there is one. */
export const noOtherUser = process.getuid?.() === 0 ? undefined : 'only root can run as another user: run as root'

/** In CI a user that is made for the tests of the file and removed after them; elsewhere `nobody`, to leave no trace. */
export function useOtherUser(): OtherUser {
  if (!process.env.CI) return lookUp('nobody')
  const name = `ts-${randomName(8)}`
  execFileSync('useradd', ['--system', '--no-create-home', '--shell', '/bin/sh', name])
  afterAll(() => void execFileSync('userdel', [name]))
  return lookUp(name)
}

function lookUp(name: string): OtherUser {
  const row = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .find((each) => each.startsWith(`${name}:`))
  const [, , uid, gid] = row?.split(':') ?? []
  return { name, uid: Number(uid), gid: Number(gid) }
}
