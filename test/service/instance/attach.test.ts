import { rmSync, writeFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type LibrarianConfig, librarian } from '../../../fixtures/librarian/index.ts'
import { ExternalService } from '../../../src/fixture.ts'
import { command } from '../../../src/index.ts'
import { caught } from '../../support/caught.ts'
import { useCleanState } from '../../support/left-nothing.ts'
import { program } from '../../support/programs.ts'

useCleanState()

const label = 'LIBRARIAN'
let running: ExternalService<LibrarianConfig>

beforeAll(async () => {
  running = librarian().create({ label })
  await running.setUp()
})
afterAll(() => running.cleanUp())

function client(environment: NodeJS.ProcessEnv = running.variables): ExternalService<LibrarianConfig> {
  return librarian().create({ label, environment })
}

/** A service that accepts every check, and no client. */
class Refusing extends ExternalService<{ readonly url: string }> {
  protected async onStart(): Promise<{ url: string }> {
    throw new Error('never started')
  }
  protected override async onAttach(): Promise<{ url: string }> {
    throw new Error('Access denied for "ada"')
  }
  protected async onCheck(): Promise<void> {}
  protected async onReset(): Promise<void> {}
  protected configFromVariables({ url = '' }: Readonly<Record<string, string>>): { url: string } {
    return { url }
  }
}

async function attachError(environment: NodeJS.ProcessEnv): Promise<Error> {
  const error = await caught(client(environment).setUp({ useExisting: true }))
  expect(error).toMatchObject({ code: 'ERR_ATTACH' })
  return error
}

/** The variables of an instance that is dead by now, with changes. */
async function variablesOfDead(changes: NodeJS.ProcessEnv): Promise<NodeJS.ProcessEnv> {
  await using other = librarian().create({ label })
  await other.setUp()
  process.kill(other.pid ?? 0, 'SIGKILL')
  await caught(other.check())
  return { ...other.variables, ...changes }
}

describe('attaching', () => {
  test('starts no process, and takes pid and log of the running instance', async () => {
    await using attached = client()
    await attached.setUp({ useExisting: true })
    expect(attached.pid).toBeUndefined()
    expect(attached.files).toEqual({ ...running.files, configFile: attached.files.configFile })
    expect(attached.files.configFile).not.toBe(running.files.configFile)
    expect(attached.log.tail()).toContain('listening on')
  })

  test('works by the scalars alone, set by hand', async () => {
    await using attached = client({ LP_LIBRARIAN_URL: running.serviceConfig.url })
    await attached.setUp({ useExisting: true })
    expect(attached.serviceConfig.port).toBe(running.serviceConfig.port)
    await attached.reset()
  })

  test('makes a tenant of the instance named beside the variables of a tenant', async () => {
    const { LP_LIBRARIAN_CONFIGFILE: _, ...variables } = running.variables
    const ofTenant = { ...variables, LP_LIBRARIAN_URL: 'http://127.0.0.1:1', LP_LIBRARIAN_PORT: '1' }
    await using attached = client({ ...ofTenant, LP_LIBRARIAN_INSTANCE: JSON.stringify(running.serviceConfig) })
    await attached.setUp({ useExisting: true })
    expect(attached.serviceConfig.port).toBe(running.serviceConfig.port)
    expect((await attachError({ ...ofTenant, LP_LIBRARIAN_INSTANCE: '1' })).message).toContain(
      'LP_LIBRARIAN_INSTANCE holds no JSON object',
    )
  })

  test('tells a label from one that begins with it', async () => {
    const environment = {
      LP_LIBRARIAN_MAIN_URL: running.serviceConfig.url,
      LP_PERSISTENT_TEST_SERVICES: 'LIBRARIAN_MAIN',
    }
    expect((await attachError(environment)).message).toContain('no LP_LIBRARIAN_* variable is set')
  })

  test('reads the variables of its prefix', async () => {
    const environment = { MY_LIBRARIAN_URL: running.serviceConfig.url }
    await using attached = librarian().create({ label, environment, prefix: 'MY' })
    await attached.setUp({ useExisting: true })
    expect(Object.keys(attached.variables)).toContain('MY_LIBRARIAN_URL')
  })

  test('a command is shared whole, and answers over what its variables tell', async () => {
    const definition = command({ command: program('serves-http') })
    await using server = definition.create({ label: 'WEB' })
    await server.setUp()
    await using attached = definition.create({ label: 'WEB', environment: { LP_WEB_URL: server.serviceConfig.url } })
    await attached.setUp({ useExisting: true })
    expect(attached.serviceConfig).toEqual(server.serviceConfig)
    await attached.check()
  })
})

describe('attaching is an error that says how to go on', () => {
  test('when nothing is declared', async () => {
    const { message } = await attachError({})
    expect(message).toContain('no LP_LIBRARIAN_* variable is set')
    expect(message).toContain('start it again with eval "$(bin/test-services --daemonise)"')
  })

  test('when the holder is dead', async () => {
    const variables = { ...running.variables, LP_LIBRARIAN_CONTROL_PID: '4194304' }
    expect((await attachError(variables)).message).toContain('its holder, process 4194304, is gone')
  })

  test('when the config file is gone', async () => {
    await using other = client({})
    await other.setUp()
    const { variables } = other
    rmSync(other.files.configFile)
    expect((await attachError(variables)).message).toContain(`its config file ${variables.LP_LIBRARIAN_CONFIGFILE}`)
  })

  test.each(['', 'nonsense', '{"url":', '["url"]', 'null', '5'])('when its config file holds %j', async (text) => {
    await using other = client({})
    await other.setUp()
    writeFileSync(other.files.configFile, text)
    expect((await attachError(other.variables)).message).toContain(
      `its config file ${other.files.configFile} holds no JSON object; expected the keys of its serviceConfig`,
    )
  })

  test.each(['{}', '{"url":5}', '{"url":"nowhere"}'])('when its config file holds only %s', async (text) => {
    await using other = client({})
    await other.setUp()
    writeFileSync(other.files.configFile, text)
    const { message } = await attachError(other.variables)
    expect(message).toContain(`LIBRARIAN does not answer: Invalid URL (its config file is ${other.files.configFile})`)
  })

  test('when the service is dead though its holder lives', async () => {
    await using other = client({})
    await other.setUp()
    process.kill(other.pid ?? 0, 'SIGKILL')
    const { message } = await attachError(other.variables)
    expect(message).toContain(`LIBRARIAN died: its process ${other.pid} ended`)
    expect(message).toContain('listening on')
  })

  test('when nothing answers', async () => {
    const { LP_LIBRARIAN_URL } = await variablesOfDead({})
    expect((await attachError({ LP_LIBRARIAN_URL })).message).toContain('ECONNREFUSED')
  })

  test('when another server answers', async () => {
    const environment = { LP_LIBRARIAN_URL: running.serviceConfig.url, LP_LIBRARIAN_INSTANCE_ID: 'formerone' }
    expect((await attachError(environment)).message).toContain('another server answers')
  })

  test('when the variables make no sense', async () => {
    const { message } = await attachError({ LP_LIBRARIAN_URL: 'nowhere' })
    expect(message).toContain('its variables are invalid')
    expect(message).toContain('; check the variables LP_LIBRARIAN_*, which say where it is and who may use it')
  })

  test('when the server refuses the tenant', async () => {
    const service = new Refusing({ label, environment: { LP_LIBRARIAN_URL: 'http://127.0.0.1:1' } })
    const error = await caught(service.setUp({ useExisting: true }))
    expect(error).toMatchObject({ code: 'ERR_ATTACH' })
    expect(error.message).toContain(
      'cannot attach to LIBRARIAN: it refuses a new client: Access denied for "ada"; check',
    )
  })
})

test('a reset of an attached service that died fails with the last lines of its log', async () => {
  await using own = client({})
  await own.setUp()
  await using attached = client(own.variables)
  await attached.setUp({ useExisting: true })
  process.kill(own.pid ?? 0, 'SIGKILL')
  const error = await caught(attached.reset())
  expect(error).toMatchObject({ code: 'ERR_SERVICE_DIED' })
  expect(error.message).toContain('listening on')
})
