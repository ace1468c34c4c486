import { once } from 'node:events'
import { type AddressInfo, createServer, type Server } from 'node:net'
import { describe, expect, onTestFinished, test } from 'vitest'
import { ownIdentity } from '../../../src/process/inspect/identity.ts'
import { findListener, ownerOf, portsOf } from '../../../src/process/inspect/listener.ts'
import { startProgram } from '../../support/program.ts'

const { pid } = ownIdentity()

async function listen(host: string, port = 0): Promise<Server> {
  const server = createServer().listen({ host, port, ipv6Only: host === '::1' })
  onTestFinished(() => void server.close())
  await once(server, 'listening')
  return server
}

function portOf(server: Server): number {
  return (server.address() as AddressInfo).port
}

describe.skipIf(process.platform !== 'linux')('the listener of a port', () => {
  test.each([
    ['127.0.0.1', '127.0.0.1'],
    ['0.0.0.0', '127.0.0.1'],
    ['::', '127.0.0.1'],
    ['::1', '::1'],
  ])('is found when it listens on %s', async (host, reached) => {
    expect(findListener(portOf(await listen(host)), pid)).toBe(reached)
  })

  test('is foreign to a process without the socket', async () => {
    const other = startProgram(['sleep', '600'])
    expect(findListener(portOf(await listen('127.0.0.1')), other.pid)).toBe('foreign')
    await other.kill()
  })

  test('is unknown when nobody listens', async () => {
    const server = await listen('127.0.0.1')
    const port = portOf(server)
    server.close()
    await once(server, 'close')
    expect(findListener(port, pid)).toBe(undefined)
  })

  test('is listed among the ports of its process, and as their owner', async () => {
    const ports = [portOf(await listen('127.0.0.1')), portOf(await listen('::1'))]
    expect(portsOf(pid)).toEqual(expect.arrayContaining(ports))
    expect(ports.map(ownerOf)).toEqual([pid, pid])
  })
})
