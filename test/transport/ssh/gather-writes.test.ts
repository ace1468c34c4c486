import { createHash, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { connect, createServer } from 'node:net'
import { buffer } from 'node:stream/consumers'
import { markAsUntransferable } from 'node:worker_threads'
import { expect, test } from 'vitest'
import { gatherWrites } from '../../../src/transport/ssh/gather-writes.ts'
import { ssh } from '../../../src/transport/ssh.ts'
import { useCleanState } from '../../support/left-nothing.ts'
import { startSshServer } from '../../support/ssh-server.ts'
import { outputOf } from '../../support/transport-cases.ts'

useCleanState()

test('large packets are freed once written, and memory of others is left alone', async () => {
  await using server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const socket = connect((server.address() as { port: number }).port, '127.0.0.1')
  const [[received]] = await Promise.all([once(server, 'connection'), once(socket, 'connect')])
  gatherWrites(socket)
  // Node 26 has a pool of 64 KiB.
  const pooled = Buffer.from(new ArrayBuffer(65_600), 64, 20_000).fill('y')
  const [large, marked] = [Buffer.alloc(100_000, 'x'), Buffer.alloc(100_000, 'z')]
  markAsUntransferable(marked.buffer)
  for (const data of [large.subarray(0, 4), pooled, large, marked]) socket.write(data)
  socket.end()
  const arrived = (await buffer(received)).toString()
  expect(arrived).toBe(`xxxx${'y'.repeat(20_000)}${'x'.repeat(100_000)}${'z'.repeat(100_000)}`)
  expect([pooled, large, marked].map(({ length }) => length)).toEqual([20_000, 0, 100_000])
})

test.for([
  ['new keys for every megabyte', ['Ciphers aes128-gcm@openssh.com', 'RekeyLimit 1M']],
  ['AES in counter mode', ['Ciphers aes256-ctr', 'MACs hmac-sha2-512']],
  ['ChaCha20', ['Ciphers chacha20-poly1305@openssh.com']],
] as const)('commands at the same time get their own inputs, with %s', async ([, settings]) => {
  await using server = await startSshServer({ settings })
  await using transport = ssh(server.options)
  const inputs = [100, 1_000_000, 5_000_001].map((length) => randomBytes(length))
  const outputs = await Promise.all(inputs.map((input) => outputOf(transport, ['sha256sum'], { input })))
  const hashes = inputs.map((input) => createHash('sha256').update(input).digest('hex'))
  expect(outputs.map(({ output }) => output.slice(0, 64))).toEqual(hashes)
})
