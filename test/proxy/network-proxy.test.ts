import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { NetworkProxy } from '../../src/proxy/network-proxy.ts'
import { caught } from '../support/caught.ts'

const host = '127.0.0.1'
let server: Server
let proxy: NetworkProxy

beforeAll(async () => {
  server = createServer((socket) => socket.on('error', () => {}).pipe(socket)).listen(0, host)
  await once(server, 'listening')
  const place = createServer().listen(0, host)
  await once(place, 'listening')
  const { port } = place.address() as AddressInfo
  place.close()
  const target = { host, port: (server.address() as AddressInfo).port }
  proxy = await NetworkProxy.start({ label: 'ECHO', listen: { host, port }, target })
})
afterAll(() => {
  server.close()
})

async function ask(): Promise<void> {
  const socket: Socket = connect(proxy.port, host)
  socket.on('error', () => {}).write('x')
  await once(socket, 'data')
  socket.destroy()
}

test('a port that is taken is an error, and no thread stays', async () => {
  const listen = { host, port: proxy.port }
  const error = await caught(NetworkProxy.start({ label: 'ECHO', listen, target: listen }))
  expect(error).toMatchObject({ code: 'EADDRINUSE' })
})

test('a thread ends whatever its connections have been through', async () => {
  await ask()
  await proxy.latency(5)
  await ask()
  await proxy.cut()
  const asked = ask()
  await proxy.restore()
  await asked
  await proxy.resetConnections()
  await ask()
  await proxy.end()
  await proxy.end()
  expect((await caught(proxy.cut())).message).toBe('the proxy of ECHO has ended')
})
