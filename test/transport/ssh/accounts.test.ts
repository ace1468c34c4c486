import { once } from 'node:events'
import { chownSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { TransportError } from '../../../src/kernel/errors.ts'
import { sshMachines } from '../../../src/pool/machines/ssh-machines.ts'
import type { SshOptions } from '../../../src/transport/ssh/ssh-options.ts'
import { ssh } from '../../../src/transport/ssh.ts'
import { caught } from '../../support/caught.ts'
import { eventually } from '../../support/eventually.ts'
import { useCleanState } from '../../support/left-nothing.ts'
import { isRoot } from '../../support/network-namespaces.ts'
import { programArgv, startProgram } from '../../support/program.ts'
import { type SshServer, startSshServer } from '../../support/ssh-server.ts'
import { outputOf } from '../../support/transport-cases.ts'

const { stateDirectory } = useCleanState()

/** An account that exists for sshd alone. */
const user = 'ts-tester'
const uid = 64_321
const nobodyGroup = 65_534
const password = 'a right password'
/** `perl -e 'print crypt("a right password", q($6$testservices$))'` */
const hash = '$6$testservices$YAZrer.Zfvc9zaKxTQWDeBmmu7fUNfmbADgfmlU40AQIa1JuXaoKYwKJmg.9yzbBNkvvym41AmtCO4p7aoOO60'
const accountFiles = (): Record<string, string> => ({
  '/etc/passwd': `${readFileSync('/etc/passwd', 'utf8')}${user}:x:${uid}:${nobodyGroup}::/:/bin/sh\n`,
  '/etc/shadow': `root:*:19000:0:99999:7:::\n${user}:${hash}:19000:0:99999:7:::\n`,
})
const noLogin = join(stateDirectory, 'nologin')
/** The text of systemd while a machine boots. */
const bootText =
  '"System is booting up. Unprivileged users are not permitted to log in yet. Please come back later. For technical details, see pam_nologin(8)."\n'
const pamFile = `auth required pam_unix.so nodelay
account required pam_nologin.so file=${noLogin}
account required pam_unix.so
session required pam_permit.so
`

const servers = [
  ['PasswordAuthentication', () => ['PasswordAuthentication yes'], {}],
  [
    'PasswordAuthentication through PAM',
    () => ['PasswordAuthentication yes', 'UsePAM yes'],
    { '/etc/pam.d/sshd': pamFile },
  ],
  ['questions of PAM alone', () => ['KbdInteractiveAuthentication yes', 'UsePAM yes'], { '/etc/pam.d/sshd': pamFile }],
] as const

describe.runIf(isRoot).each(servers)(
  'sshd with %s (needs root: its accounts are made for it)',
  (_, settings, pamFiles) => {
    let server: SshServer
    beforeAll(async () => {
      server = await startSshServer({ settings: settings(), files: { ...accountFiles(), ...pamFiles } })
    })
    afterAll(() => server[Symbol.asyncDispose]())
    const optionsWith = (tried: string): SshOptions => ({ ...server.options, key: [], user, password: tried })

    test('accepts a right password', async () => {
      await using transport = ssh(optionsWith(password))
      expect((await outputOf(transport, ['id', '-un'])).output).toBe(`${user}\n`)
    })

    test('refuses a wrong password once, for good', async () => {
      await using transport = ssh(optionsWith('wrong'))
      const error = await caught<TransportError>(transport.run(['true']))
      expect(error).toMatchObject({ code: 'ERR_TRANSPORT', isPermanent: true })
      expect(error.message).toMatch(/authentication failed for ts-tester: tried the password$/)
    })
  },
)

test.runIf(isRoot)('a machine that boots says why it lets nobody in, and is tried again', async () => {
  await using server = await startSshServer({
    settings: ['PasswordAuthentication yes', 'UsePAM yes'],
    files: { ...accountFiles(), '/etc/pam.d/sshd': pamFile },
  })
  writeFileSync(noLogin, bootText)
  const host = { ...server.options, user, key: [], password }
  await using transport = ssh(host)
  const message = expect.stringContaining('System is booting up.')
  expect(await caught(transport.run(['true']))).toMatchObject({ code: 'ERR_TRANSPORT', isPermanent: false, message })
  await using machines = sshMachines({ hosts: [host], attempts: 100, pauseMs: 20 })
  const reserved = machines.reserve()
  await eventually('the reservation is refused', () => server.log().split('Access denied for user').length > 2)
  rmSync(noLogin)
  expect((await reserved).name).toContain(`${user}@127.0.0.1/`)
})

test.runIf(isRoot)('a password is in no file, and a killed pool leaves nothing on its host', async () => {
  await using server = await startSshServer({ settings: ['PasswordAuthentication yes'], files: accountFiles() })
  const directory = mkdtempSync(join(tmpdir(), 'ts-hosts-'))
  chownSync(directory, uid, nobodyGroup)
  const host = { ...server.options, user, key: [], password }
  const program = startProgram(programArgv('holds-machines.ts', 'ssh', JSON.stringify({ hosts: [host], directory })))
  await program.line()
  const files = readdirSync(stateDirectory, { recursive: true, encoding: 'utf8', withFileTypes: true })
  const texts = files
    .filter((file) => file.isFile())
    .map((file) => readFileSync(join(file.parentPath, file.name), 'utf8'))
  const found = [
    texts.filter((text) => text.includes('ssh-reclaim')).length,
    texts.some((text) => text.includes(password)),
  ]
  await program.kill()
  const runs = () => ['runs', 'reaping'].flatMap((name) => readdirSync(join(stateDirectory, name)))
  await eventually('the guardian has ended its work', () => runs().length === 0)
  found.push(readdirSync(directory).length)
  rmSync(directory, { recursive: true })
  expect(found).toEqual([1, false, 0])
})

test('a server that closes each connection is no refusal for good', async () => {
  await using server = createServer((socket) => socket.destroy()).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  await using transport = ssh({ host: '127.0.0.1', port, key: [], agent: false, knownHosts: false })
  const error = await caught<TransportError>(transport.run(['true']))
  expect(error).toMatchObject({ code: 'ERR_TRANSPORT', isPermanent: false })
})
