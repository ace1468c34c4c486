import { describe, expect, test } from 'vitest'
import { environmentFrom } from '../../src/session/environment.ts'

interface Server {
  readonly url: string
  readonly port: number
  readonly index: number
  readonly paths: { readonly socket: string }
}
type Configs = Readonly<Record<'up' | 'absent', Server>>

const up: Server = { url: 'http://127.0.0.1:4711/x', port: 4711, index: 3, paths: { socket: '/run/s' } }

describe('of a service that is not up', () => {
  test.each<[string, (server: Server) => unknown]>([
    ['a value', ({ url }) => url],
    ['a part of another', ({ port }) => `127.0.0.1:${port}`],
    ['the host of a URL', ({ url }) => new URL(url).host],
    ['the origin of a URL', ({ url }) => new URL(url).origin],
    ['the protocol of a URL', ({ url }) => new URL(url).protocol],
    ['the path of a URL', ({ url }) => new URL(url).pathname],
    ['a number', ({ port }) => Number(port) + 1],
    ['another number', ({ index }) => Number(index) * 2],
    ['an encoded value', ({ url }) => encodeURIComponent(url)],
    ['a value within a value', ({ paths }) => paths.socket],
  ])('%s is left out, and what tells of others is not', (_, part) => {
    const environment = ({ up, absent }: Configs) =>
      ({ UP: part(up), ABSENT: part(absent), FIXED: 'fixed' }) as Record<string, string>
    expect(environmentFrom(environment, { up })).toEqual({ UP: part(up), FIXED: 'fixed' })
    expect(environmentFrom(environment, { up, absent: up })).toEqual({ UP: part(up), ABSENT: part(up), FIXED: 'fixed' })
  })

  test('what a function cannot do without leaves out everything', () => {
    const environment = ({ up, absent }: Configs) => ({ UP: up.url, ABSENT: absent.paths.socket.toUpperCase() })
    expect(environmentFrom(environment, { up })).toEqual({})
    expect(environmentFrom(environment, { up, absent: up })).toEqual({ UP: up.url, ABSENT: '/RUN/S' })
  })
})

describe('with every service up', () => {
  const fails = (part: (server: Server) => unknown) => () =>
    environmentFrom<Configs>(({ up }) => ({ UP: part(up) }) as Record<string, string>, { up })

  test('a function that throws is an error in the config', () => {
    expect(fails(() => new URL('no url'))).toThrow(/^the config's "environment" threw: Invalid URL$/)
  })

  test('a name without a value is one too', () => {
    expect(fails(() => undefined)).toThrow(/gives no value for UP/)
  })
})
