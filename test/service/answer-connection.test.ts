import { once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { AnswerConnection } from '../../src/service/answer-connection.ts'
import { caught } from '../support/caught.ts'

const never = new AbortController().signal

/** Starts a server that gives each piece that it receives to a function. */
async function listen(answer: (received: string, socket: Socket) => void): Promise<{ host: string; port: number }> {
  const server = createServer((socket) => {
    socket.on('data', (chunk) => answer(String(chunk), socket)).on('error', () => {})
    onTestFinished(() => void socket.destroy())
  })
  onTestFinished(() => void server.close())
  await once(server.listen(0, '127.0.0.1'), 'listening')
  return { host: '127.0.0.1', port: (server.address() as AddressInfo).port }
}

async function open(
  address: { host: string; port: number },
  conversation: Partial<Parameters<typeof AnswerConnection.open>[1]> = {},
): Promise<AnswerConnection> {
  const connection = await AnswerConnection.open(address, { signal: never, ...conversation })
  onTestFinished(() => connection.close())
  return connection
}

test('commands of one moment are sent together, and answered in their order', async () => {
  const pieces: string[] = []
  const connection = await open(
    await listen((received, socket) => {
      pieces.push(received)
      socket.write(received.replace(/^/gm, 're: ').slice(0, -'re: '.length))
    }),
  )
  expect(await Promise.all([connection.ask('one\n'), connection.ask('two\n')])).toEqual(['re: one\n', 're: two\n'])
  expect(pieces).toEqual(['one\ntwo\n'])
})

test('an answer in pieces is one answer, as long as the protocol says', async () => {
  const address = await listen((_received, socket) => {
    socket.write('5:hé')
    setImmediate(() => socket.write('lo3:two'))
  })
  const lengthOf = (received: string): number => {
    const [head = '', size = ''] = /^(\d+):/.exec(received) ?? []
    const length = head.length + Number(size || 0)
    return head !== '' && received.length >= length ? length : 0
  }
  const connection = await open(address, { lengthOf })
  // The length counts bytes, which are characters here.
  expect(await connection.ask('?')).toBe(`5:${Buffer.from('hélo').toString('latin1')}`)
})

test('a server that closes the connection fails the commands that wait', async () => {
  const connection = await open(await listen((_received, socket) => socket.destroy()))
  const asked = [connection.ask('one\n'), connection.ask('two\n')]
  for (const each of asked) expect((await caught(each)).message).toMatch(/closed the connection|ECONNRESET/)
  expect(connection.isOpen).toBe(false)
})

test('a log-in that fails ends the connection', async () => {
  let closed: Promise<unknown> | undefined
  const address = await listen((_received, socket) => {
    closed = once(socket, 'close')
    socket.write('no\n')
  })
  const logIn = async (connection: AnswerConnection): Promise<void> => {
    throw new Error(`the server says ${await connection.ask('hello\n')}`)
  }
  expect((await caught(open(address, { logIn }))).message).toBe('the server says no\n')
  await closed
})

test('a signal ends an attempt to connect, and the connection', async () => {
  const over = new AbortController()
  const connection = await open(await listen(() => {}), { signal: over.signal })
  const asked = caught(connection.ask('anybody?\n'))
  over.abort()
  expect(await asked).toMatchObject({ name: 'AbortError' })
})
