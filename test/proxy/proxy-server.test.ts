import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'
import { buffer } from 'node:stream/consumers'
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import { undisturbed } from '../../src/proxy/conditions.ts'
import { ProxyServer } from '../../src/proxy/proxy-server.ts'
import { eventually } from '../support/eventually.ts'

const host = '127.0.0.1'
let server: Server
let proxy: ProxyServer
let port = 0
/** What the server does with a connection. */
let serve: (socket: Socket) => void
/** Connections that the server has got. */
let served: Socket[]

beforeAll(async () => {
  server = createServer({ allowHalfOpen: true }, (socket) => {
    socket.on('error', () => {})
    served.push(socket)
    serve(socket)
  })
  server.listen(0, host)
  await once(server, 'listening')
  port = await freePort()
  proxy = new ProxyServer({ host, port }, { host, port: (server.address() as AddressInfo).port })
  await proxy.open()
})
afterAll(() => {
  proxy.close()
  server.close()
})
beforeEach(() => {
  served = []
  serve = (socket) => socket.pipe(socket)
  proxy.change(undisturbed)
})

async function freePort(): Promise<number> {
  const place = createServer().listen(0, host)
  await once(place, 'listening')
  const { port: free } = place.address() as AddressInfo
  place.close()
  return free
}

function client(): Socket {
  const socket = connect({ host, port, allowHalfOpen: true, noDelay: true })
  onTestFinished(() => void socket.destroy())
  return socket
}

/** Connects, and waits for the first answer. */
async function connected(): Promise<Socket> {
  const socket = client()
  socket.write('x')
  await once(socket, 'data')
  return socket
}

/** Reads until the other side ends, and leaves the own side open. */
async function received(socket: Socket): Promise<string> {
  let got = ''
  socket.on('data', (bytes) => {
    got += bytes
  })
  await once(socket, 'end')
  return got
}

async function errorOf(socket: Socket): Promise<NodeJS.ErrnoException> {
  socket.resume()
  const [error] = await once(socket, 'error')
  return error
}

async function roundTripMs(socket: Socket, bytes = Buffer.from('x')): Promise<number> {
  const startedAt = performance.now()
  let missing = bytes.length
  socket.write(bytes)
  while (missing > 0) missing -= (await once(socket, 'data'))[0].length
  return performance.now() - startedAt
}

describe('bytes', () => {
  test('pass unchanged in both directions, however large', async () => {
    const socket = client()
    const sent = Buffer.from(Array.from({ length: 3_000_000 }, (_, index) => index % 251))
    socket.end(sent)
    expect(sent.equals(await buffer(socket))).toBe(true)
  })

  test('wait at the server while the client does not read, and all arrive later', async () => {
    const length = 64 * 1024 * 1024
    serve = (socket) => socket.end(Buffer.alloc(length))
    const socket = client()
    await eventually('a connection', () => served.length === 1)
    // A neighbour's round trips show that time passes; the buffers of the system take some MiB.
    serve = (neighbour) => neighbour.pipe(neighbour)
    const neighbour = await connected()
    for (let count = 0; count < 500; count++) await roundTripMs(neighbour)
    expect(served[0]?.writableLength).toBeGreaterThan(length / 2)
    expect((await buffer(socket)).length).toBe(length)
  })

  test('still flow back after the client has ended its side', async () => {
    serve = async (socket) => {
      socket.end(`answer to ${await received(socket)}`)
    }
    const socket = client()
    socket.end('a question')
    expect(await received(socket)).toBe('answer to a question')
  })

  test('still flow to the server after the server has ended its side', async () => {
    let asked: Promise<string> | undefined
    serve = (socket) => {
      socket.end('greeting')
      asked = received(socket)
    }
    const socket = client()
    expect(await received(socket)).toBe('greeting')
    socket.end('late')
    expect(await asked).toBe('late')
  })
})

describe('an error', () => {
  test('at the server reaches the client as ECONNRESET', async () => {
    const socket = await connected()
    const failed = errorOf(socket)
    served[0]?.resetAndDestroy()
    expect((await failed).code).toBe('ECONNRESET')
  })

  test('at the client reaches the server as ECONNRESET', async () => {
    const socket = await connected()
    const failed = once(served[0] ?? socket, 'error')
    socket.resetAndDestroy()
    expect((await failed)[0].code).toBe('ECONNRESET')
  })

  test('is what the client gets when no server listens', async () => {
    const idle = await freePort()
    const orphan = new ProxyServer({ host, port: idle }, { host, port: await freePort() })
    await orphan.open()
    const socket = connect(idle, host)
    expect((await errorOf(socket)).code).toBe('ECONNRESET')
    orphan.close()
  })
})

describe('conditions', () => {
  test('add at least the latency to each round trip, and keep the order', async () => {
    const socket = await connected()
    proxy.change({ ...undisturbed, latencyMs: 30 })
    expect(await roundTripMs(socket)).toBeGreaterThanOrEqual(30)
    const startedAt = performance.now()
    for (const word of ['one ', 'two ', 'three']) socket.write(word)
    socket.end()
    expect(await received(socket)).toBe('one two three')
    expect(performance.now() - startedAt).toBeGreaterThanOrEqual(30)
  })

  test('limit the rate of a connection in each direction', async () => {
    const socket = await connected()
    proxy.change({ ...undisturbed, bytesPerMs: 100 })
    // Both directions work at the same time, piece by piece.
    expect(await roundTripMs(socket, Buffer.alloc(5_000))).toBeGreaterThanOrEqual(49)
  })

  test('hold everything back while the network is cut, and deliver it afterwards', async () => {
    const socket = await connected()
    proxy.change({ ...undisturbed, isCut: true })
    socket.write('held')
    const late = client()
    late.write('too')
    await once(late, 'connect')
    const answers = Promise.all([once(socket, 'data'), once(late, 'data')])
    // Another connection shows that time has passed: the server answers to it past the proxy.
    const { port: direct } = server.address() as AddressInfo
    const witness = connect(direct, host)
    witness.end('seen')
    expect(await received(witness)).toBe('seen')
    expect(served).toHaveLength(2)
    proxy.change(undisturbed)
    expect((await answers).map(([bytes]) => String(bytes))).toEqual(['held', 'too'])
  })

  test('hold no bytes back any more once they are restored', async () => {
    const socket = await connected()
    proxy.change({ ...undisturbed, latencyMs: 3_600_000 })
    socket.write('stuck')
    await eventually('bytes in the proxy', () => socket.writableLength === 0)
    proxy.change(undisturbed)
    expect(String((await once(socket, 'data'))[0])).toBe('stuck')
  })
})

test('a reset breaks the present connections off, and serves new ones', async () => {
  const sockets = await Promise.all([connected(), connected()])
  const failed = Promise.all(sockets.map(errorOf))
  proxy.resetConnections()
  expect((await failed).map(({ code }) => code)).toEqual(['ECONNRESET', 'ECONNRESET'])
  await connected()
})

test('a reset also breaks off connections of which one side has ended', async () => {
  serve = (socket) => socket.resume().write('greeting')
  const sockets = [client(), client()]
  await Promise.all(sockets.map((socket) => once(socket, 'data')))
  const ended = served.map((socket) => once(socket, 'end'))
  for (const socket of sockets) socket.end()
  await Promise.all(ended)
  const failed = Promise.all(sockets.map(errorOf))
  proxy.resetConnections()
  expect((await failed).map(({ code }) => code)).toEqual(['ECONNRESET', 'ECONNRESET'])
  // The server notices when it sends something: the other direction had ended before.
  await eventually('the end of the server side', () =>
    served.map((socket) => socket.destroyed || (socket.write('more') && false)).every(Boolean),
  )
})

test('a closed proxy refuses connections, keeps the present ones, and opens again', async () => {
  const socket = await connected()
  proxy.close()
  expect((await errorOf(client())).code).toBe('ECONNREFUSED')
  await roundTripMs(socket)
  await proxy.open()
  await connected()
})
