import { describe, expect, test } from 'vitest'
import { expectNothingLeft, useCleanState } from '../support/left-nothing.ts'
import { createProject } from './project.ts'

const { stateDirectory } = useCleanState()

/** An api that says which library it was told of. */
const needyConfig = `
import { command, defineConfig } from 'test-services'
import { librarian } from 'test-services/fixtures/librarian'
export default defineConfig({
  services: {
    api: command({
      command: ['node', '-e', 'require("http").createServer((q, r) => r.end(process.env.LIBRARY)).listen(process.env.PORT, "127.0.0.1")'],
      needs: ['library'],
      environment: ({ library }) => ({ LIBRARY: library.url }),
    }),
    library: librarian(),
  },
  environment: ({ library }) => ({ LIBRARY_URL: library.url }),
})`

describe('useService', () => {
  test('resets before each test, and gives the slice of the worker, which the file that follows finds', async () => {
    const project = await createProject({
      'a.test.ts': `
import { afterAll, describe, expect, test } from 'vitest'
import { useService } from 'test-services/vitest'
import { add, config, list, tell } from './support.ts'
let url
afterAll(() => tell({ url }))
describe('inside', () => {
  const library = useService(config.services.library)
  test('has a slice', async () => {
    url = library.serviceConfig.url
    expect(url).toContain('/spaces/')
    expect(process.env.LP_LIBRARY_URL).toBe(url)
    expect(process.env.LIBRARY_URL).toBe(url)
    await add(library, 'one')
  })
  test('finds nothing', async () => { expect(await list(library)).toBe(0) })
})
test('is there outside', async () => {
  expect((await fetch(url + '/files')).status).toBe(200)
  expect(process.env.LIBRARY_URL).toBe(url)
})`,
      'b.test.ts': `
import { expect } from 'vitest'
import { tell, test } from './support.ts'
test('finds it', ({ library }) => tell({ url: library.serviceConfig.url }))`,
    })
    const { output } = await project.run(['run', '--maxWorkers', '1'])
    expect(output).toContain('4 passed')
    const [first, second] = project.told()
    expect(second?.url).toBe(first?.url)
  })

  test('gives an instance of its own, which a test may kill and restart', async () => {
    const project = await createProject({
      'a.test.ts': `
import { expect, test } from 'vitest'
import { useService } from 'test-services/vitest'
import { config } from './support.ts'
const shared = useService(config.services.library)
const own = useService(config.services.library, { instance: 'unique' })
test('restarts', async () => {
  process.kill(own.pid, 'SIGKILL')
  await expect(own.check()).rejects.toMatchObject({ code: 'ERR_SERVICE_DIED' })
  await own.cleanUp()
  await own.setUp()
  await own.check()
})
test('left the shared one alone', async () => {
  expect(shared.serviceConfig.instanceId).not.toBe(own.serviceConfig.instanceId)
  process.kill(own.pid, 'SIGKILL')
})
test('finds it dead', () => {})`,
    })
    const { output } = await project.run()
    expect(output).toContain('1 failed | 2 passed')
    expect(output).toContain('ServiceError: LIBRARY died: it ended with signal SIGKILL')
    expect(output).toContain('last lines of its log:')
    await expectNothingLeft(stateDirectory)
  })

  test.each([
    ['with the plugin', {}],
    ['without it', { 'vitest.config.ts': 'export default {}' }],
  ])(
    'brings up what a service of the config needs, resets that too, and shares it with fixtures (%s)',
    async (_, files) => {
      const project = await createProject({
        ...files,
        'test-services.config.ts': needyConfig,
        'a.test.ts': `
import { describe, expect, test as plain } from 'vitest'
import { useService } from 'test-services/vitest'
import { add, config, list, test } from './support.ts'
let url
describe('inside', () => {
  const api = useService(config.services.api, { instance: 'unique' })
  const library = async () => (await fetch(api.serviceConfig.url)).text()
  plain('is told', async () => {
    url = await library()
    expect(process.env.LP_LIBRARY_URL).toBe(url)
    await add({ serviceConfig: { url } }, 'one')
  })
  test('finds it reset, in a fixture', async ({ library: own }) => {
    expect(own.serviceConfig.url).toBe(await library())
    expect(await list(own)).toBe(0)
  })
})`,
      })
      const { output } = await project.run()
      expect(output).toContain('2 passed')
      await expectNothingLeft(stateDirectory)
    },
  )

  test.each([
    ['with the plugin', {}],
    ['without it', { 'vitest.config.ts': 'export default {}' }],
  ])('gives one service to all who ask for it, in which the environment agrees (%s)', async (_, files) => {
    const project = await createProject({
      ...files,
      'test-services.config.ts': needyConfig,
      'a.test.ts': `
import { describe, expect, test as plain } from 'vitest'
import { useService } from 'test-services/vitest'
import { add, config, list, test } from './support.ts'
const told = async (api) => (await fetch(api.serviceConfig.url)).text()
const agree = async (api, library) => {
  expect(await told(api)).toBe(library.serviceConfig.url)
  expect(process.env.LIBRARY_URL).toBe(library.serviceConfig.url)
  expect(process.env.LP_LIBRARY_URL).toBe(library.serviceConfig.url)
}
describe.each([
  ['before', (own) => { const library = useService(config.services.library); return [own(), library] }],
  ['after', (own) => { const api = own(); return [api, useService(config.services.library)] }],
])('the api %s', (_, use) => {
  const [api, library] = use(() => useService(config.services.api, { instance: 'unique' }))
  plain('is told', async () => { await agree(api, library); await add(library, 'one') })
  plain('finds it reset', async () => { await agree(api, library); expect(await list(library)).toBe(0) })
  test('has that of the fixture', ({ library: given }) => expect(given).toBe(library))
})
describe('a process of its own', () => {
  const own = useService(config.services.library, { instance: 'unique' })
  const api = useService(config.services.api, { instance: 'unique' })
  plain('is told of', async () => {
    await agree(api, own)
    expect(own.pid).toBeTypeOf('number')
    await add(own, 'one')
  })
  plain('finds it reset', async () => { await agree(api, own); expect(await list(own)).toBe(0) })
})`,
    })
    const { output } = await project.run()
    expect(output).toContain('8 passed')
    await expectNothingLeft(stateDirectory)
  })

  test('says what was expected of what makes no sense, and where to use what', async () => {
    const project = await createProject({
      'a.test.ts': `
import { describe, expect, test } from 'vitest'
import { serviceFixtures, useService } from 'test-services/vitest'
import { config } from './support.ts'
const thrown = (work) => { try { work() } catch ({ code, message }) { return code + ': ' + message } }
const where = 'call useService() at the top of a file or in a describe, and read serviceConfig inside a test or a hook'
const library = useService(config.services.library)
const own = useService(config.services.library, { instance: 'unique' })
const tooEarly = thrown(() => own.serviceConfig)
const inTime = library.serviceConfig.url
test('at import', () => {
  expect(tooEarly).toBe('ERR_STATE: LIBRARY has no config while it is down: ' + where)
  expect(inTime).toBe(library.serviceConfig.url)
})
test('in a test', () => {
  expect(thrown(() => useService(config.services.library))).toBe('ERR_STATE: useService() in a test is too late: ' + where)
})
describe('no', () => {
  const said = [
    () => useService(undefined),
    () => useService(config.services.libary),
    () => useService(config),
    () => useService(config.services.library, { label: 'own' }),
    () => serviceFixtures(undefined),
    () => serviceFixtures({}),
  ].map(thrown)
  test('sense', () => {
    expect(said).toEqual([
      'ERR_CONFIG: useService(): expected a service such as config.services.db, or postgres(), but got undefined',
      'ERR_CONFIG: useService(): expected a service such as config.services.db, or postgres(), but got undefined',
      expect.stringMatching(/^ERR_CONFIG: useService.*but got {"services":/),
      'ERR_CONFIG: useService(…, { label }): "own" is no label: expected capitals, digits and "_", such as MAIN_DB',
      'ERR_CONFIG: the config of serviceFixtures(): expected Object, but got undefined',
      'ERR_CONFIG: the config of serviceFixtures().services: missing',
    ])
  })
})`,
    })
    const { output } = await project.run()
    expect(output).toContain('3 passed')
    await expectNothingLeft(stateDirectory)
  })

  test('hands over what a service needs, and says what is missing', async () => {
    const project = await createProject({
      'a.test.ts': `
import { describe, expect, test } from 'vitest'
import { command } from 'test-services'
import { librarian } from 'test-services/fixtures/librarian'
import { useService } from 'test-services/vitest'
const api = command({
  command: ['node', '-e', 'require("http").createServer((q, r) => r.end(process.env.LIBRARY)).listen(process.env.PORT, "127.0.0.1")'],
  needs: ['library'],
  environment: ({ library }) => ({ LIBRARY: library.url }),
})
describe('told', () => {
  const library = useService(librarian(), { label: 'BOOKS' })
  const service = useService(api, { label: 'API', needs: { library } })
  test('is told', async () => {
    expect(await (await fetch(service.serviceConfig.url)).text()).toBe(library.serviceConfig.url)
  })
})
describe('untold', () => {
  useService(api, { label: 'API' })
  test('does not run', () => {})
})
describe('nameless', () => {
  const use = () => useService(librarian())
  expect(use).toThrow('needs a label')
  test('needs a label', () => {})
})`,
    })
    const { output } = await project.run()
    expect(output).toContain('2 passed | 1 skipped')
    expect(output).toContain('ConfigError: useService: API needs library, which is to be handed over')
    await expectNothingLeft(stateDirectory)
  })
})
