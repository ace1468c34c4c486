import {
  chmodSync,
  chownSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll } from 'vitest'
import { randomName } from '../../src/host/secret.ts'
import { findExecutable } from '../../src/process/executable.ts'
import { unlessUnreadable } from '../../src/process/inspect/unless-unreadable.ts'
import { noOtherUser, type OtherUser } from './other-user.ts'
import { addUser, removeUser } from './posix-users.ts'

/** Why nobody can be made whom `sudo` serves; `undefined` when somebody can. */
export const noSudo = noOtherUser ?? (findExecutable('sudo') ? undefined : missing())

function missing(): string {
  const why = 'there is no sudo: apt-get install sudo'
  if (process.env.CI) throw new Error(why)
  return why
}

export interface SudoUsers {
  /** May run `/bin/sh` as the other. */
  readonly caller: OtherUser
  readonly other: OtherUser
  /** The caller's own. */
  readonly home: string
  permit(): void
  forbid(): void
}

/** Two users and a line in sudoers, for the tests of a file, and removed after them. */
export function useSudoUsers(): SudoUsers {
  const caller = create()
  const other = create()
  const home = mkdtempSync(join(tmpdir(), 'ts-home-'))
  const sudoers = `/etc/sudoers.d/${caller.name}`
  const line = `${caller.name} ALL=(${other.name}) NOPASSWD: /bin/sh\n`
  const permit = (): void => writeFileSync(sudoers, line, { mode: 0o440 })
  const forbid = (): void => rmSync(sudoers, { force: true })
  beforeAll(() => {
    mkdirSync(join(home, 'state'), { mode: 0o700 })
    chmodSync(home, 0o711)
    for (const path of [home, join(home, 'state')]) chownSync(path, caller.uid, caller.gid)
    permit()
  })
  afterAll(() => {
    forbid()
    rmSync(home, { recursive: true })
    for (const { name, uid } of [caller, other]) {
      // Of a test that failed; who has processes cannot be removed.
      for (const { pid } of processesOfUser(uid)) process.kill(pid, 'SIGKILL')
      removeUser(name)
    }
  })
  return { caller, other, home, permit, forbid }
}

function create(): OtherUser {
  const name = `ts-${randomName(8)}`
  return { name, ...addUser(name, ['--system', '--no-create-home', '--shell', '/bin/sh']) }
}

/** What a user's processes are, as the system shows it to everybody. */
export function processesOfUser(uid: number): { readonly pid: number; readonly command: string }[] {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name))
  const theirs = pids.filter((pid) => unlessUnreadable(() => statSync(`/proc/${pid}`).uid) === uid)
  const all = theirs.map((pid) => ({
    pid: Number(pid),
    command: (unlessUnreadable(() => readFileSync(`/proc/${pid}/cmdline`, 'utf8')) ?? '').replaceAll('\0', ' ').trim(),
  }))
  // A zombie, which waits for an `init` that takes no notice, has none.
  return all.filter(({ command }) => command !== '')
}
