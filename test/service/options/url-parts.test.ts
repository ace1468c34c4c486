import { expect, test } from 'vitest'
import { urlOf, urlPartsFrom } from '../../../src/fixture.ts'

const defaults = { port: 5672, user: 'guest' }

test.each([
  ['all parts', { host: '127.0.0.1', port: 1, user: 'a', password: 'b', path: 'c' }, 'amqp://a:b@127.0.0.1:1/c'],
  ['no user', { host: '127.0.0.1', port: 1 }, 'amqp://127.0.0.1:1'],
  ['an IPv6 address', { host: '::1', port: 1, path: '0' }, 'amqp://[::1]:1/0'],
  [
    'characters of URLs',
    { host: 'h', port: 1, user: 'a@b', password: '/:%?', path: '/v h' },
    'amqp://a%40b:%2F%3A%25%3F@h:1/%2Fv%20h',
  ],
])('a URL with %s is read as it was written', (_what, parts, url) => {
  expect(urlOf('amqp', parts)).toBe(url)
  expect(urlPartsFrom({ url }, { port: 5672 })).toEqual({ user: '', password: '', path: '', ...parts })
})

test('parts one by one count only without a URL, and defaults fill what is missing', () => {
  const expected = { host: '127.0.0.1', port: 5672, user: 'guest', password: 'secret', path: '' }
  expect(urlPartsFrom({ password: 'secret' }, defaults)).toEqual(expected)
  expect(urlPartsFrom({ url: 'amqp://example.org', password: 'secret' }, defaults)).toEqual({
    ...expected,
    host: 'example.org',
    password: '',
  })
})

test('text that is no URL is an error', () => {
  expect(() => urlPartsFrom({ url: 'localhost' }, defaults)).toThrow('Invalid URL')
})
