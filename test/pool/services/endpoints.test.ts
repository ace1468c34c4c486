import { expect, test } from 'vitest'
import { endpointsOf, withPorts } from '../../../src/pool/services/endpoints.ts'

/** Every port leads to the port that is 10,000 higher. */
const portOf = ({ port }: { readonly port: number }): number => port + 10_000

test('finds the port, further ports, and the addresses in URLs, once each', () => {
  const config = { host: '127.0.0.1', port: 5672, managementPort: 15672, url: 'amqp://u:p@127.0.0.1:5672/vhost' }
  expect(endpointsOf(config)).toEqual([
    { host: '127.0.0.1', port: 5672 },
    { host: '127.0.0.1', port: 15672 },
  ])
})

test('replaces the ports in numbers, URLs, lists and nested configs', () => {
  const config = {
    url: 'redis://user:5000@localhost:6379/5000',
    port: 6379,
    brokers: ['127.0.0.1:9092', 'localhost:9093'],
    list: '127.0.0.1:9092,127.0.0.1:9093',
    nodes: [{ host: 'localhost', port: 7000, timeoutMs: 7000 }],
  }
  expect(withPorts(config, portOf)).toEqual({
    url: 'redis://user:5000@127.0.0.1:16379/5000',
    port: 16379,
    brokers: ['127.0.0.1:19092', '127.0.0.1:19093'],
    list: '127.0.0.1:19092,127.0.0.1:19093',
    nodes: [{ host: '127.0.0.1', port: 17000, timeoutMs: 7000 }],
  })
})

test('a service on another host is reached by 127.0.0.1, and other addresses stay', () => {
  const config = {
    host: 'db.example',
    port: 5432,
    url: 'postgres://db.example:5432/x',
    docs: 'https://example.com:8443',
  }
  expect(endpointsOf(config)).toEqual([{ host: 'db.example', port: 5432 }])
  expect(withPorts(config, portOf)).toEqual({
    host: '127.0.0.1',
    port: 15432,
    url: 'postgres://127.0.0.1:15432/x',
    docs: 'https://example.com:8443',
  })
})

test('a path of this host is left empty', () => {
  const config = { host: '127.0.0.1', socketDirectory: '/tmp/ts-x', caFile: '/tmp/ca.pem', vhost: '/' }
  expect(withPorts(config, portOf)).toEqual({ ...config, socketDirectory: '', caFile: '' })
})

test('a directory of a socket, a version, and a port of 0 stay', () => {
  const config = { host: '/tmp/socket', version: '1.2:3', port: 0, when: '12:30' }
  expect(withPorts(config, portOf)).toEqual(config)
  expect(endpointsOf(config)).toEqual([])
})
