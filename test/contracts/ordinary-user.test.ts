import { chmodSync, chownSync, mkdirSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { randomName } from '../../src/host/secret.ts'
import { useCleanState } from '../support/left-nothing.ts'
import { addUser, type PosixIdentity, removeUser } from '../support/posix-users.ts'
import { type Ran, startProcess, useUserProject } from '../support/user-project.ts'

useCleanState()
const project = useUserProject('')
const isRoot = process.getuid?.() === 0

describe.runIf(isRoot)('an ordinary user', () => {
  const name = `ts-${randomName(6)}`
  const home = join(project.directory, 'home')
  let identity: PosixIdentity

  beforeAll(() => {
    chmodSync(project.directory, 0o755)
    mkdirSync(home, { mode: 0o700 })
    identity = addUser(name, ['--no-create-home', '--home-dir', home])
    chownSync(home, identity.uid, identity.gid)
  })
  afterAll(() => removeUser(name))

  /** Runs a command of the package as the user, with the environment of a new login. */
  function run(argv: readonly string[]): Promise<Ran> {
    const env = { PATH: '/usr/local/bin:/usr/bin:/bin', HOME: home, LP_STATE_DIR: undefined, TMPDIR: '/tmp' }
    return startProcess([process.execPath, project.command, ...argv], { ...identity, cwd: home, env }).ended
  }

  test.each(['etcd', 'mariadb', 'memcached', 'mosquitto', 'nats', 'openldap', 'rabbitmq', 'redis'])(
    'runs %s, resets it, and nothing is left',
    async (fixture) => {
      const ran = await run(['exec', fixture, '--', process.execPath, project.command, 'reset'])
      expect(ran.code, ran.stderr).toBe(0)
      const state = join(home, '.local/state/test-services')
      for (const kind of ['runs', 'claims']) expect(readdirSync(join(state, kind))).toEqual([])
    },
  )
})
