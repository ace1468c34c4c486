import { connect, createServer, type Socket } from 'node:net'
import { onTestFinished } from 'vitest'
import { type RedisService, redis } from '../../fixtures/redis/index.ts'

/** A Redis server that keeps its data when it is killed. */
export async function startQueueServer(): Promise<RedisService> {
  const server = redis({ settings: { appendonly: 'yes', appendfsync: 'always' } }).create({
    label: 'QUEUE',
  }) as RedisService
  await server.setUp()
  return server
}

export interface Relay {
  /** The URL of the server by way of the relay. */
  readonly url: string
  /** Passes the next command that has the text on, and breaks the connection before its answer. */
  loseAnswerTo(text: string): void
  /** Passes nothing on in either direction, and closes nothing. */
  cut(): void
  restore(): void
}

/** Stands between a client and a server until the end of the test. */
export async function startRelay(target: string): Promise<Relay> {
  const url = new URL(target)
  const { hostname, port } = url
  const open = new Set<Socket>()
  let text: string | undefined
  let isCut = false
  const server = createServer((client) => {
    const upstream = connect(Number(port), hostname)
    let isMute = false
    for (const socket of [client, upstream]) {
      open.add(socket)
      socket.on('error', () => {})
      socket.on('close', () => [client, upstream].map((one) => one.destroy()))
    }
    client.on('data', (chunk) => {
      if (isCut) return
      isMute ||= text !== undefined && chunk.includes(text)
      if (isMute) text = undefined
      upstream.write(chunk)
    })
    upstream.on('data', (chunk) => {
      if (isCut) return
      if (isMute) client.destroy()
      else client.write(chunk)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.close()
    for (const socket of open) socket.destroy()
  })
  url.port = `${(server.address() as { port: number }).port}`
  return {
    url: url.href,
    loseAnswerTo: (wanted) => {
      text = wanted
    },
    cut: () => {
      isCut = true
    },
    restore: () => {
      isCut = false
      // A stream with a gap is of no use.
      for (const socket of open) socket.destroy()
    },
  }
}
