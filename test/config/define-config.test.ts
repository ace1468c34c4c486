import { describe, expect, expectTypeOf, test } from 'vitest'
import { type LibrarianConfig, librarian } from '../../fixtures/librarian/index.ts'
import { type CommandConfig, command, defineConfig, script } from '../../src/index.ts'
import { environmentFrom } from '../../src/session/environment.ts'

/** What a config file of plain JavaScript may hold. */
function problemOf(config: unknown): string {
  try {
    defineConfig(config as never)
    return 'none'
  } catch (thrown) {
    return (thrown as Error).message
  }
}

const app = command({ command: ['app'], needs: ['files'] })

describe('a config', () => {
  test('tells each service its name', () => {
    const config = defineConfig({ services: { files: librarian(), app } })
    expect([config.services.files.name, config.services.app.name]).toEqual(['files', 'app'])
    expect(config.services.app.needs).toEqual(['files'])
  })

  test('may use one definition twice', () => {
    const files = librarian()
    const config = defineConfig({ services: { one: files, two: files } })
    expect([config.services.one.name, config.services.two.name]).toEqual(['one', 'two'])
  })

  test('may have transports and values for workflows', () => {
    const config = defineConfig({
      services: {},
      transports: { board: { type: 'ssh', host: 'board.lan' }, here: { type: 'local' } },
      values: { a: { b: 1 } },
    })
    expect(config).toMatchObject({ transports: { board: { host: 'board.lan' } }, values: { a: { b: 1 } } })
    // @ts-expect-error: a container has a name, or an image
    defineConfig({ services: {}, transports: { box: { type: 'container' } } })
  })

  test('may be checked again', () => {
    const config = defineConfig({ services: { files: librarian() }, environment: { A: 'b' }, prefix: 'MY' })
    expect(defineConfig(config)).toEqual(config)
  })
})

describe('a mistake is told with its place, and what was expected', () => {
  function postgres(): void {}

  test.each([
    ['no object', 3, 'config: expected an object, but got 3'],
    ['no services', {}, 'config.services: missing'],
    [
      'an unknown key',
      { services: {}, enviroment: {} },
      'config.enviroment: unknown key (did you mean "environment"?)',
    ],
    ['a fixture that is not called', { services: { db: postgres } }, 'did you forget to call it: postgres()?'],
    [
      'no service',
      { services: { db: { port: 1 } } },
      'services.db: expected a service such as postgres() or command({ … }), but got {"port":1}',
    ],
    ['a text for a service', { services: { db: 'postgres' } }, 'but got string postgres'],
    ['nothing for a service', { services: { db: undefined } }, 'services.db: expected a service'],
    ['a name that is no label', { services: { '3db': app } }, 'services.3db: "3db" cannot name a service'],
    [
      'two names of one label',
      { services: { mainDb: librarian(), 'main-db': librarian() } },
      '"mainDb" has the label MAIN_DB too',
    ],
    ['a need that does not exist', { services: { app } }, 'services.app.needs: there is no service "files"'],
    [
      'an environment of booleans',
      { services: {}, environment: { A: true } },
      'config.environment.A: expected (string | number | Function), but got true',
    ],
    [
      'a prefix in small letters',
      { services: {}, prefix: 'lp' },
      'config.prefix: expected a prefix such as LP, but got "lp"',
    ],
    [
      'a profile of an unknown service',
      { services: { files: librarian() }, profiles: { dev: { file: {} } } },
      'profiles.dev.file: there is no such service (did you mean "files"?); expected one of files',
    ],
    [
      'a wrong key in a profile of a fixture',
      { services: { files: librarian() }, profiles: { dev: { files: { prot: 1 } } } },
      'profiles.dev.files.prot: unknown key (did you mean "port"?)',
    ],
    [
      'a wrong key in a profile of a command',
      { services: { web: command({ command: ['a'] }) }, profiles: { dev: { web: { prot: 1 } } } },
      'profiles.dev.web.prot: unknown key (did you mean "port"?)',
    ],
    [
      'a wrong key in a profile of a script',
      { services: { one: script({ onEnter: { command: ['a'] } }) }, profiles: { dev: { one: { onEnd: {} } } } },
      'profiles.dev.one.onEnd: unknown key; expected one of onEnter, onRun',
    ],
    [
      'a profile that is no object',
      { services: {}, profiles: { dev: 1 } },
      'config.profiles.dev: expected an object, but got 1',
    ],
  ])('%s', (_title, config, message) => {
    expect(problemOf(config)).toContain(message)
  })

  test('a circle, with its chain', () => {
    const services = { a: command({ command: ['a'], needs: ['b'] }), b: command({ command: ['b'], needs: ['a'] }) }
    expect(problemOf({ services })).toContain('a → b → a')
  })
})

test('the types of the configs are known where the environment is made', () => {
  defineConfig({
    services: { files: librarian(), app },
    environment: (configs) => {
      expectTypeOf(configs).toEqualTypeOf<{ readonly files: LibrarianConfig; readonly app: CommandConfig }>()
      return { FILES: configs.files.storageDirectory }
    },
    profiles: { development: { files: { port: 15_000 } } },
  })
  defineConfig({
    services: { files: librarian() },
    environment: {
      LEVEL: 3,
      FILES: (configs) => {
        expectTypeOf(configs).toEqualTypeOf<{ readonly files: LibrarianConfig }>()
        return configs.files.port
      },
      // @ts-expect-error: there is no service "file"
      FILE: ({ file }) => String(file),
    },
  })
  defineConfig({
    services: { files: librarian() },
    // @ts-expect-error: there is no service "file"
    environment: ({ file }) => ({ FILES: String(file) }),
  })
  defineConfig({
    services: {
      files: librarian(),
      app: command({
        command: ['app'],
        needs: ['files'],
        environment: ({ files }: { files: LibrarianConfig }) => ({
          DIRECTORY: files.storageDirectory,
          PORT: files.port,
        }),
      }),
      other: script({
        onEnter: { command: ['other'] },
        needs: ['files'],
        variables: ({ files }: { files: LibrarianConfig }) => ({ DIRECTORY: files.storageDirectory, LEVEL: 3 }),
      }),
    },
  })
  // @ts-expect-error: the command needs a service that the config does not have
  expect(() => defineConfig({ services: { app } })).toThrow('there is no service "files"')
  command({
    command: ['app'],
    needs: ['files'],
    // @ts-expect-error: it does not need "file"
    environment: ({ file }) => ({ FILES: file.url }),
  })
  // @ts-expect-error: a fixture that is not called
  expect(() => defineConfig({ services: { files: librarian } })).toThrow('librarian()')
})

test('a service that the environment misspells is named, with the nearest one', () => {
  const urlOf = ({ dbb }: Record<string, { url: string }>) => dbb?.url ?? ''
  const options = [{ URL: urlOf }, (configs: Record<string, { url: string }>) => ({ URL: urlOf(configs) })]
  for (const option of options) {
    const { environment } = defineConfig({ services: { db: librarian() }, environment: option } as never)
    expect(() => environmentFrom(environment, { db: { url: 'x' } } as never)).toThrow(
      /there is no service "dbb" \(did you mean "db"\?\)/,
    )
  }
})
