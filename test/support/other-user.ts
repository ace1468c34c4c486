import { tmpdir } from 'node:os'
import { afterAll } from 'vitest'
import { canReach } from '../../src/host/reach.ts'
import { randomName } from '../../src/host/secret.ts'
import { addUser, identityOfUser, type PosixIdentity, removeUser } from './posix-users.ts'

export interface OtherUser extends PosixIdentity {
  readonly name: string
}

/** Why there is no other user to run as; `undefined` when there is one. */
export const noOtherUser = process.getuid?.() === 0 ? undefined : 'only root can run as another user: run as root'

/** In CI a user that is made for the tests of the file and removed after them; elsewhere `nobody`, to leave no trace. */
export function useOtherUser(): OtherUser {
  if (!process.env.CI) return { name: 'nobody', ...identityOfUser('nobody') }
  const name = `ts-${randomName(8)}`
  afterAll(() => removeUser(name))
  return { name, ...addUser(name, ['--system', '--no-create-home', '--shell', '/bin/sh']) }
}

/** The first temporary directory that every user can enter: TMPDIR may be private to this one. */
export function openTemporaryDirectory(): string {
  const anybody = { kind: 'other-user', uid: 65_534, gid: 65_534, prefix: [] } as const
  return [tmpdir(), '/tmp', '/var/tmp'].find((path) => canReach(path, anybody)) ?? tmpdir()
}
