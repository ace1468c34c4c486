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

describe('with a service that is not up', () => {
  test.each<[string, (server: Server) => unknown]>([
    ['a value', ({ url }) => url],
    ['a part of another', ({ port }) => `127.0.0.1:${port}`],
    ['the host of a URL', ({ url }) => new URL(url).host],
    ['the origin of a URL', ({ url }) => new URL(url).origin],
    ['the path of a URL', ({ url }) => new URL(url).pathname],
    ['a number', ({ port }) => Number(port) + 1],
    ['another number', ({ index }) => Number(index) * 2],
    ['an encoded value', ({ url }) => encodeURIComponent(url)],
    ['a value within a value', ({ paths }) => paths.socket],
  ])('%s is left out, and what tells of others is not', (_, part) => {
    const environment = ({ up, absent }: Configs) =>
      ({ UP: part(up), ABSENT: part(absent), FIXED: 'fixed' }) as Record<string, string>
    expect(environmentFrom(environment, { up })).toEqual({ UP: String(part(up)), FIXED: 'fixed' })
    expect(environmentFrom(environment, { up, absent: up })).toEqual({
      UP: String(part(up)),
      ABSENT: String(part(up)),
      FIXED: 'fixed',
    })
  })

  test.each<[string, (server: Server) => unknown]>([
    ['a part of a text', ({ url }) => url.split(':')[2]?.toUpperCase()],
    ['a URL made of its parts', ({ url, port }) => new URL(`tcp://${new URL(url).hostname}:${port}`).href],
    ['a text of a part of a number', ({ port }) => parseInt(String(port / 2), 10)],
    ['JSON', ({ url, port }) => JSON.stringify({ url, port })],
    ['a value within a value within one', ({ paths }) => `${paths.socket.at(-1)}`],
    ['a value with something random', ({ url }) => `${url}#${Math.random()}`],
  ])('%s can be made and is left out as well', (_, part) => {
    const environment = ({ absent }: Configs) => ({ ABSENT: part(absent) }) as Record<string, string>
    expect(environmentFrom(environment, {})).toEqual({})
  })

  test('numbers become texts, of fixed variables and of made ones', () => {
    const made = { A: '1', B: 'b' }
    expect(environmentFrom({ A: 1, B: 'b' }, {})).toEqual(made)
    expect(environmentFrom(() => ({ A: 1, B: 'b' }), {})).toEqual(made)
  })

  test('something random that tells nothing of it stays', () => {
    const environment = ({ absent }: Configs) => ({ ABSENT: absent.url, SECRET: String(Math.random()) })
    expect(environmentFrom(environment, {})).toEqual({ SECRET: expect.stringMatching(/^0\./) })
  })

  test('a function that throws is an error that names it', () => {
    const environment = ({ up, absent }: Configs) => ({ UP: up.url, ABSENT: absent.url, OTHER: new URL('no url').host })
    expect(() => environmentFrom(environment, { up })).toThrow(
      /^the config's "environment" threw: Invalid URL \(not up, and so without values: absent\)$/,
    )
  })

  test('a key of another service that is misspelt is an error as well', () => {
    const environment = ({ up, absent }: Configs) =>
      ({ UP: (up as unknown as { ulr: string }).ulr, ABSENT: absent.url }) as Record<string, string>
    expect(() => environmentFrom(environment, { up })).toThrow(/returned undefined for UP; check the spelling/)
  })
})

describe('a function for one variable', () => {
  test('is left out if it reads the config of a service that is not up', () => {
    const option = {
      UP: ({ up }: Configs) => up.url,
      ABSENT: ({ absent }: Configs) => new URL(absent.url).protocol,
      BOTH: ({ up, absent }: Configs) => absent?.port ?? up.port,
      FIXED: 1,
    }
    expect(environmentFrom(option, { up })).toEqual({ UP: up.url, FIXED: '1' })
    expect(environmentFrom(option, { up, absent: up })).toEqual({
      UP: up.url,
      ABSENT: 'http:',
      BOTH: '4711',
      FIXED: '1',
    })
  })

  test('that throws is an error that names the variable', () => {
    const option = { URL: ({ up }: Configs) => new URL(`no url ${up.port}`).host }
    expect(() => environmentFrom(option, { up })).toThrow(/^the config's "environment" threw for URL: Invalid URL$/)
  })
})

describe('with every service up', () => {
  const fails = (part: (server: Server) => unknown) => () =>
    environmentFrom<Configs>(({ up }) => ({ UP: part(up) }) as Record<string, string>, { up })

  test('a function that throws is an error in the config', () => {
    expect(fails(() => new URL('no url'))).toThrow(/^the config's "environment" threw: Invalid URL$/)
  })

  test('the key that is misspelt is named', () => {
    const mistakes = [
      ({ up }: Configs) => ({ UP: Reflect.get(up, 'urll') }),
      { UP: ({ up }: Configs) => Reflect.get(up, 'urll') },
    ]
    for (const environment of mistakes)
      expect(() => environmentFrom<Configs>(environment, { up })).toThrow(
        /: up has no "urll" \(did you mean "url"\?\)$/,
      )
  })

  test('a name without a value is one too', () => {
    expect(fails(() => undefined)).toThrow(/returned undefined for UP; check the spelling/)
  })
})
