// A server and a client of TCP, in processes of their own, for the bench of the proxy.
import { once } from 'node:events'
import { connect, createServer } from 'node:net'
import { answer } from './answer.mjs'

const host = '127.0.0.1'
const trips = 1000
const chunk = Buffer.alloc(65_536)

/** Serves a connection: the first byte says what it is for, an echo or a flood. */
function serve(socket) {
  socket.on('error', () => {})
  socket.once('data', (first) => {
    if (first.toString() === 'e') socket.pipe(socket).write('e')
    else flood(socket, Number(first.toString().slice(1)))
  })
}

function flood(socket, bytes) {
  let rest = bytes
  const go = () => {
    for (let mayGoOn = true; mayGoOn && rest > 0; rest -= chunk.length) mayGoOn = socket.write(chunk)
    if (rest <= 0) socket.end()
  }
  socket.on('drain', go)
  go()
}

async function open(port, purpose) {
  const socket = connect({ host, port, noDelay: true })
  socket.write(purpose)
  await once(socket, 'connect')
  return socket
}

const server = createServer({ noDelay: true }, serve)

const steps = {
  async listen() {
    server.listen(0, host)
    await once(server, 'listening')
    return server.address().port
  },
  /** Returns the median of round trips of one byte. */
  async roundTrip(port) {
    const socket = await open(port, 'e')
    await once(socket, 'data')
    const times = []
    for (let trip = 0; trip < trips; trip++) {
      const startedAt = performance.now()
      socket.write('x')
      await once(socket, 'data')
      times.push(performance.now() - startedAt)
    }
    socket.destroy()
    return times.toSorted((one, other) => one - other)[trips / 2]
  },
  async receive(port, bytes) {
    const startedAt = performance.now()
    const socket = await open(port, `f${bytes}`)
    let received = 0
    socket.on('data', (piece) => {
      received += piece.length
    })
    await once(socket, 'close')
    if (received < bytes) throw new Error(`received ${received} bytes`)
    return performance.now() - startedAt
  },
}

answer(steps, () => server.close())
