import { createHash, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { connect, createServer } from 'node:net'
import { buffer } from 'node:stream/consumers'
import { expect, test } from 'vitest'
import { gatherWrites } from '../../../src/transport/ssh/gather-writes.ts'
import { ssh } from '../../../src/transport/ssh.ts'
import { useCleanState } from '../../support/left-nothing.ts'
import { startSshServer } from '../../support/ssh-server.ts'
import { outputOf } from '../../support/transport-cases.ts'

useCleanState()

/** Returns a part of a pool of 64 KiB, which Node has from version 26 on. */
function partOfLargePool(): Buffer {
  const before = Buffer.poolSize
  Buffer.poolSize = 65_536
  let part = Buffer.allocUnsafe(3_000)
  while (part.buffer.byteLength < Buffer.poolSize) part = Buffer.allocUnsafe(3_000)
  Buffer.poolSize = before
  return part
}

test('large packets are freed once written, and memory of others is left alone', async () => {
  await using server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const socket = connect((server.address() as { port: number }).port, '127.0.0.1')
  const [[received]] = await Promise.all([once(server, 'connection'), once(socket, 'connect')])
  gatherWrites(socket)
  const [large, pooled] = [Buffer.alloc(100_000, 'x'), partOfLargePool().fill('y')]
  for (const data of [large.subarray(0, 4), pooled, large]) socket.write(data)
  socket.end()
  const arrived = (await buffer(received)).toString()
  expect(arrived).toBe(`xxxx${'y'.repeat(3_000)}${'x'.repeat(100_000)}`)
  expect([large, pooled].map(({ length }) => length)).toEqual([0, 3_000])
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
