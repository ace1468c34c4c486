import { execFileSync, spawn } from 'node:child_process'
import { generateKeyPairSync } from 'node:crypto'
import { once } from 'node:events'
import { join } from 'node:path'
import ssh2, { type AuthContext } from 'ssh2'
import { expect, test } from 'vitest'
import { Deadline } from '../../../src/kernel/deadline.ts'
import { logIn } from '../../../src/transport/ssh/log-in.ts'
import { type SshOptions, sshTarget } from '../../../src/transport/ssh/ssh-options.ts'
import { caught } from '../../support/caught.ts'
import { eventually } from '../../support/eventually.ts'
import { useCleanState } from '../../support/left-nothing.ts'
import { startSshServer } from '../../support/ssh-server.ts'

const { stateDirectory } = useCleanState()
const hostKey = {
  namedCurve: 'P-256',
  privateKeyEncoding: { type: 'sec1', format: 'pem' },
  publicKeyEncoding: { type: 'spki', format: 'pem' },
} as const

async function tryLogIn(options: SshOptions): Promise<void> {
  const { client } = await logIn(sshTarget(options), new Deadline('logging in', 20_000))
  const closed = once(client, 'close')
  client.end()
  await closed
}

/** Starts a server of ssh2: sshd itself checks passwords of the system's users alone, and asks questions through PAM. */
async function startServer(check: (login: AuthContext) => void) {
  const server = new ssh2.Server({ hostKeys: [generateKeyPairSync('ec', hostKey).privateKey] }, (connection) => {
    connection.on('authentication', check).on('error', () => {})
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  const options = { host: '127.0.0.1', port, user: 'tester', key: [], agent: false, knownHosts: false } as const
  return { options, [Symbol.asyncDispose]: async () => void server.close() }
}

function askFor(password: string): (login: AuthContext) => void {
  return (login) => {
    if (login.method !== 'keyboard-interactive') return login.reject(['keyboard-interactive'])
    login.prompt([{ prompt: 'Password: ', echo: false }], (answers) =>
      answers[0] === password ? login.accept() : login.reject(),
    )
  }
}

function accept(password: string): (login: AuthContext) => void {
  return (login) => {
    if (login.method === 'password' && login.password === password) login.accept()
    else login.reject(['password'])
  }
}

test.for([
  ['sent', accept],
  ['asked for in a dialogue', askFor],
] as const)('a password that is %s opens the connection', async ([, checkFor]) => {
  await using server = await startServer(checkFor('right'))
  await tryLogIn({ ...server.options, password: 'right' })
  const error = await caught(tryLogIn({ ...server.options, password: 'wrong' }))
  expect(error).toMatchObject({ code: 'ERR_TRANSPORT', isPermanent: true })
  expect(error).toMatchObject({ message: expect.stringMatching(/failed for tester: tried the password$/) })
})

test('a key of an agent opens the connection', async () => {
  await using server = await startSshServer()
  const socket = join(stateDirectory, 'agent')
  const agent = spawn('/usr/bin/ssh-agent', ['-D', '-a', socket], { stdio: 'ignore' })
  const exited = once(agent, 'exit')
  try {
    const add = (...args: string[]) =>
      execFileSync('/usr/bin/ssh-add', ['-q', ...args], {
        env: { ...process.env, SSH_AUTH_SOCK: socket },
        stdio: 'ignore',
      })
    const options = { ...server.options, key: [], agent: socket }
    await eventually('the agent answers', async () => (await caught(tryLogIn(options))).message.includes(socket))
    add(`${server.options.key}`)
    await tryLogIn(options)
    add('-D')
    expect(await caught(tryLogIn(options))).toMatchObject({ message: expect.stringContaining(`the agent ${socket}`) })
  } finally {
    agent.kill()
    await exited
  }
})
