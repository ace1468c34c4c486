import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { expect, onTestFinished, test } from 'vitest'
import { askControl, type ControlChannel, discardContent, UnknownClientError } from '../../src/host/control-request.ts'
import { caught } from '../support/caught.ts'

async function channelTo(listener: RequestListener): Promise<ControlChannel> {
  const server = createServer(listener)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, user: 'ada', password: 'secret' }
}

test('a request has credentials and a body, and the answer is JSON', async () => {
  const channel = await channelTo(async (request, response) => {
    const body = await text(request)
    response.end(JSON.stringify([request.method, request.url, request.headers.authorization, body]))
  })
  expect(await askControl(channel, { call: 'POST /things', body: { name: 'x' } })).toEqual([
    'POST',
    '/things',
    `Basic ${btoa('ada:secret')}`,
    '{"name":"x"}',
  ])
})

test('a kept connection that the server closes is replaced', async () => {
  const seen: string[] = []
  const channel = await channelTo((request, response) => {
    seen.push(request.url ?? '')
    const isSecondOnItsConnection = seen.length === 2
    if (isSecondOnItsConnection) request.socket.resetAndDestroy()
    else response.end('{}')
  })
  await askControl(channel, { call: 'GET /first' })
  await askControl(channel, { call: 'GET /second' })
  expect(seen).toEqual(['/first', '/second', '/second'])
})

test.each([401, 404])('HTTP %i means that the server does not know the client', async (status) => {
  const channel = await channelTo((_, response) => response.writeHead(status).end('who?'))
  const error = await caught(askControl(channel, { call: 'GET /things' }))
  expect(error).toBeInstanceOf(UnknownClientError)
  expect(error.message).toBe(`GET /things: HTTP ${status} who?`)
})

test('any other status is an error with the answer', async () => {
  const channel = await channelTo((_, response) => response.writeHead(500).end('broken'))
  const error = await caught(askControl(channel, { call: 'GET /things' }))
  expect([error instanceof UnknownClientError, error.message]).toEqual([false, 'GET /things: HTTP 500 broken'])
})

test('the content of a server that is gone, or does not answer, needs no discarding', async () => {
  const silent = await channelTo(() => {})
  await discardContent(silent)
  await discardContent({ ...silent, url: 'http://127.0.0.1:1' })
})
