import { describe, expect, expectTypeOf, test } from 'vitest'
import { librarian } from '../../fixtures/librarian/index.ts'
import type { ExternalService } from '../../src/fixture.ts'
import { command, defineConfig, start } from '../../src/index.ts'
import { useCleanState } from '../support/left-nothing.ts'
import { program } from '../support/programs.ts'

useCleanState()

/** Returns the FILES_URL of the server's environment. */
async function filesUrlOf({ url }: { readonly url: string }): Promise<string | undefined> {
  const { environment } = (await (await fetch(url)).json()) as { environment: Record<string, string> }
  return environment.FILES_URL
}

const config = defineConfig({
  services: {
    files: librarian(),
    web: command({
      command: program('serves-environment'),
      needs: ['files'],
      environment: ({ files }) => ({ FILES_URL: (files as { url: string }).url }),
    }),
  },
  environment: ({ files }) => ({ FILES_URL: files.url }),
})

async function add(url: string): Promise<string> {
  const stored = await fetch(`${url}/files`, { method: 'POST', body: 'a book' })
  return `${url}/files/${((await stored.json()) as { id: string }).id}`
}

async function isThere(url: string): Promise<boolean> {
  return fetch(url).then(
    ({ ok }) => ok,
    () => false,
  )
}

describe('start of a config', () => {
  test('gives each service under its name, with its type, and stops all when disposed', async () => {
    let url = ''
    {
      await using stack = await start(config)
      expectTypeOf(stack.files.serviceConfig.url).toBeString()
      url = stack.files.serviceConfig.url
      expect(await filesUrlOf(stack.web.serviceConfig)).toBe(url)
      const book = await add(url)
      await stack.reset()
      await stack.check()
      expect(await isThere(book)).toBe(false)
    }
    await expect(fetch(url)).rejects.toThrow()
  })

  test('starts what is named in "only", and says of another that it was not started', async () => {
    await using stack = await start(config, { only: ['files'] })
    expect(await isThere(await add(stack.files.serviceConfig.url))).toBe(true)
    // @ts-expect-error the type has what was asked for
    expect(() => stack.web).toThrow('web was not started')
  })

  test('attaches to what is declared as running, and starts above it what needs it', async () => {
    await using running = await start(config)
    expect(running.variables).toMatchObject({
      LP_WEB_URL: running.web.serviceConfig.url,
      FILES_URL: running.files.serviceConfig.url,
      LP_PERSISTENT_TEST_SERVICES: 'FILES,WEB',
    })
    const before = { ...process.env }
    Object.assign(process.env, running.variables)
    try {
      await using attached = await start(config, { useExisting: 'if-running' })
      await using own = await start(config, { only: ['files'] })
      expect(attached.files.serviceConfig.port).toBe(running.files.serviceConfig.port)
      expect(attached.web.serviceConfig.port).not.toBe(running.web.serviceConfig.port)
      expect(await filesUrlOf(attached.web.serviceConfig)).toBe(attached.files.serviceConfig.url)
      expect(own.files.serviceConfig.port).not.toBe(running.files.serviceConfig.port)
    } finally {
      // A new object would no longer be the environment that the system sees, for all tests of this process.
      for (const name of Object.keys(running.variables)) delete process.env[name]
      Object.assign(process.env, before)
    }
    process.env.LP_PERSISTENT_TEST_SERVICES = ''
    await using fresh = await start(config, { only: ['files'], useExisting: 'if-running' })
    delete process.env.LP_PERSISTENT_TEST_SERVICES
    expect(fresh.files.serviceConfig.port).not.toBe(running.files.serviceConfig.port)
  })

  test('refuses a service that is named like a method of the stack', async () => {
    const odd = defineConfig({ services: { reset: librarian() } })
    await expect(start(odd)).rejects.toThrow('services.reset: a started config has a property "reset" of its own')
  })

  test('refuses what is no config, and takes one that defineConfig has not seen', async () => {
    await expect(start({ services: { files: 1 } } as never)).rejects.toThrow('services.files: expected a service')
    await using stack = await start({ services: { files: librarian() } })
    expect(stack.files.label).toBe('FILES')
  })

  test('refuses an unknown option, and a config in the "default" of a module', async () => {
    await expect(start(config, { timeout: 5 } as object)).rejects.toThrow(
      'the options of start().timeout: unknown key (did you mean "timeoutMs"?)',
    )
    await expect(start({ default: config } as never)).rejects.toThrow('start(config.default)')
  })

  test('undoes what came up when another service fails, or when the caller gives up', async () => {
    const broken = command({ command: [process.execPath, '-e', 'process.exit(3)'], needs: ['files'] })
    const failing = defineConfig({ services: { files: librarian(), broken } })
    await expect(start(failing)).rejects.toMatchObject({ code: 'ERR_START' })
    await expect(start(config, { signal: AbortSignal.abort() })).rejects.toMatchObject({ code: 'ERR_CANCELED' })
  })
})

describe('start of one service', () => {
  test('brings up what it needs; reset and cleanUp mean that too', async () => {
    const service = await start(config.services.web)
    expectTypeOf(service.serviceConfig.url).toBeString()
    const files = (await filesUrlOf(service.serviceConfig)) ?? ''
    const book = await add(files)
    expect(await isThere(book)).toBe(true)
    await service.reset()
    expect(await isThere(book)).toBe(false)
    await service.cleanUp()
    await service.cleanUp()
    await expect(fetch(files)).rejects.toThrow()
  })

  test('has the methods of its fixture, and is one', async () => {
    await using files = await start(config.services.files)
    const { ExternalService } = await import('../../src/fixture.ts')
    expect(files).toBeInstanceOf(ExternalService)
    expectTypeOf(files).toExtend<ExternalService<object>>()
    await files.check()
    expect(files.variables).toHaveProperty('LP_FILES_URL', files.serviceConfig.url)
  })

  test('takes a definition that stands in no config, with its kind for a name', async () => {
    await using files = await start(librarian())
    expect(files.label).toBe('LIBRARIAN')
    expect(await isThere(await add(files.serviceConfig.url))).toBe(true)
  })

  test('refuses a need that only a config could tell', async () => {
    const lonely = command({ command: ['true'], needs: ['db'] })
    await expect(start(lonely)).rejects.toMatchObject({ code: 'ERR_CONFIG' })
  })
})

test('a profile that the config does not have is refused, with those that it has', async () => {
  const config = defineConfig({ services: { files: librarian() }, profiles: { ci: {} } })
  process.env.LP_CONFIG = 'prod'
  try {
    await expect(start(config)).rejects.toThrow('there is no such profile in the config of start(); expected ci')
  } finally {
    delete process.env.LP_CONFIG
  }
})
