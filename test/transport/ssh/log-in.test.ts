import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { Deadline } from '../../../src/kernel/deadline.ts'
import { logIn } from '../../../src/transport/ssh/log-in.ts'
import { type SshOptions, sshTarget } from '../../../src/transport/ssh/ssh-options.ts'
import { caught } from '../../support/caught.ts'
import { eventually } from '../../support/eventually.ts'
import { useCleanState } from '../../support/left-nothing.ts'
import { startSshServer } from '../../support/ssh-server.ts'

const { stateDirectory } = useCleanState()
async function tryLogIn(options: SshOptions): Promise<void> {
  const { client } = await logIn(sshTarget(options), new Deadline('logging in', 20_000))
  const closed = once(client, 'close')
  client.end()
  await closed
}

test('an encrypted key opens the connection with its passphrase', async () => {
  await using server = await startSshServer()
  const passphrase = 'a passphrase'
  // A single round: the package ssh2 makes the key of the passphrase in JavaScript.
  execFileSync('/usr/bin/ssh-keygen', ['-q', '-p', '-a', '1', '-N', passphrase, '-f', `${server.options.key}`])
  await tryLogIn({ ...server.options, passphrase })
  expect(await caught(tryLogIn(server.options))).toMatchObject({ code: 'ERR_CONFIG' })
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
