import { execFile } from 'node:child_process'
import { chmodSync, mkdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { afterEach, describe, expect, test } from 'vitest'
import { canReach, ensureOwnDirectory, giveTo, reachableDirectory } from '../../src/host/reach.ts'
import { randomName } from '../../src/host/secret.ts'
import { unprivilegedAccount, unprivilegedCommand } from '../../src/host/unprivileged.ts'
import { openTemporaryDirectory } from '../support/other-user.ts'

const isRoot = process.getuid?.() === 0
const place = join(openTemporaryDirectory(), `ts-unprivileged-${randomName(8)}`)
const secret = join(place, 'secret')

afterEach(() => {
  delete process.env.TEST_SERVICES_UNPRIVILEGED
  rmSync(place, { recursive: true, force: true })
})

test.skipIf(isRoot)('an ordinary user runs the command as it is', async () => {
  expect(await unprivilegedCommand(['id', '-u'])).toEqual({ argv: ['id', '-u'], kind: 'same' })
})

describe.runIf(isRoot)('as root', () => {
  test.each(['user-namespace', 'other-user'])(
    '%s is not root inside, and reads only what canReach says',
    async (kind) => {
      process.env.TEST_SERVICES_UNPRIVILEGED = kind
      mkdirSync(place, { mode: 0o700 })
      writeFileSync(secret, 'x', { mode: 0o600 })
      const account = await unprivilegedAccount()
      expect(account.kind).toBe(kind)
      expect(Number(await output(['id', '-u']))).toBeGreaterThan(0)
      expect(canReach(secret, account)).toBe(kind === 'user-namespace')
      expect(await succeeds(['cat', secret])).toBe(kind === 'user-namespace')
      giveTo(place, account)
      expect(canReach(secret, account)).toBe(true)
      expect(await output(['cat', secret])).toBe('x')
    },
  )

  test('in a namespace, what is private to somebody else stays out of reach', async () => {
    mkdirSync(place, { mode: 0o700 })
    writeFileSync(secret, 'x')
    giveTo(place, { kind: 'other-user', user: { uid: 12_345, gid: 12_345 }, prefix: [] })
    expect(canReach(secret, await unprivilegedAccount())).toBe(false)
    expect(await succeeds(['cat', secret])).toBe(false)
  })

  test('another user gets a place that all may pass and none may list', async () => {
    process.env.TEST_SERVICES_UNPRIVILEGED = 'other-user'
    mkdirSync(place, { mode: 0o700 })
    const account = await unprivilegedAccount()
    const open = reachableDirectory(place, account)
    expect(basename(open)).toBe('test-services-open-0')
    expect(canReach(dirname(open), account)).toBe(true)
    expect(statSync(open).mode & 0o777).toBe(0o711)
    expect(await succeeds(['ls', open])).toBe(false)
  })

  test('a way that does not work here is an error that says what to do', async () => {
    process.env.TEST_SERVICES_UNPRIVILEGED = 'no-such-way'
    await expect(unprivilegedAccount()).rejects.toMatchObject({
      code: 'ERR_START',
      message: expect.stringContaining('allow user namespaces'),
    })
  })
})

test('a place that others can write to is refused', () => {
  mkdirSync(place)
  chmodSync(place, 0o777)
  expect(() => ensureOwnDirectory(place, 0o711)).toThrow(expect.objectContaining({ code: 'ERR_STATE_DIRECTORY' }))
})

async function output(command: [string, ...string[]]): Promise<string> {
  const { argv, user } = await unprivilegedCommand(command)
  const [program, ...rest] = argv
  const { stdout } = await promisify(execFile)(program, rest, { ...user, cwd: '/' })
  return stdout
}

function succeeds(command: [string, ...string[]]): Promise<boolean> {
  return output(command).then(
    () => true,
    () => false,
  )
}
