import { expect, test } from 'vitest'
import { configAtPort } from '../../../src/service/faults/config-at-port.ts'

test('a config names another port wherever it names the old one, and nowhere else', () => {
  const config = {
    url: 'redis://user:pass%204000@127.0.0.1:4000/4000?port=4000',
    urls: ['nats://a:4000,b:4000', 'http://[::1]:4000'],
    endpoint: 'http://127.0.0.1:4000',
    brokers: '127.0.0.1:4000',
    six: '[::1]:4000',
    port: 4000,
    text: '4000',
    managementPort: 40000,
    other: 'http://127.0.0.1:40001/',
    password: 'p4000:',
    user: 'a:4000@b:4000',
    nested: { port: 4000, on: true, none: null },
  }
  expect(configAtPort(config, 4000, 5000)).toEqual({
    url: 'redis://user:pass%204000@127.0.0.1:5000/4000?port=4000',
    urls: ['nats://a:5000,b:5000', 'http://[::1]:5000'],
    endpoint: 'http://127.0.0.1:5000',
    brokers: '127.0.0.1:5000',
    six: '[::1]:5000',
    port: 5000,
    text: '5000',
    managementPort: 40000,
    other: 'http://127.0.0.1:40001/',
    password: 'p4000:',
    user: 'a:4000@b:4000',
    nested: { port: 5000, on: true, none: null },
  })
})
