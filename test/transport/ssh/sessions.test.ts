import { generateKeyPairSync } from 'node:crypto'
import { once } from 'node:events'
import ssh2, { type ServerChannel } from 'ssh2'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createDeferred } from '../../../src/kernel/deferred.ts'
import { Sessions } from '../../../src/transport/ssh/sessions.ts'

const { Client, Server } = ssh2
const format = {
  namedCurve: 'P-256',
  privateKeyEncoding: { type: 'sec1', format: 'pem' },
  publicKeyEncoding: { type: 'spki', format: 'pem' },
} as const
let allowed = 2
let open = 0
const refused = createDeferred()
const server = new Server({ hostKeys: [generateKeyPairSync('ec', format).privateKey] }, (connection) => {
  connection.on('authentication', (login) => login.accept())
  connection.on('error', () => {})
  connection.on('session', (accept, reject) => {
    if (open >= allowed) {
      refused.resolve()
      return reject()
    }
    open++
    accept().on('exec', (begin) => serve(begin()))
  })
})
const client = new Client()

/** Ends a session once its input has ended. */
function serve(channel: ServerChannel): void {
  channel.resume().on('end', () => {
    open--
    channel.exit(0)
    channel.end()
  })
}

beforeAll(async () => {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  client.connect({ host: '127.0.0.1', port, username: 'anybody', password: '' })
  await once(client, 'ready')
})
afterAll(() => {
  client.destroy()
  server.close()
})

test('a server that allows more sessions again gets more sessions', async () => {
  let id = 0
  const sessions = new Sessions(client, { connection: 'test.1', pid: 1, nextId: () => ++id })
  const full = [await sessions.take(), await sessions.take()]
  const third = sessions.take()
  await refused.promise
  allowed = 9
  for (const shell of full) sessions.discard(shell)
  sessions.discard(await third)
  for (let round = 0; round < 8; round++) sessions.discard(await sessions.take())
  const shells = await Promise.all(Array.from({ length: 4 }, () => sessions.take()))
  expect(new Set(shells.map((shell) => shell.id)).size).toBe(4)
})
