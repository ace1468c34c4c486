import { EventEmitter, once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, request } from 'node:http'
import { createServer as createSocketServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { pathToFileURL } from 'node:url'
import type { Redis } from 'ioredis'
import { afterAll, describe, expect, onTestFinished, test } from 'vitest'
import type { ContainerConfig, ContainerOptions } from '../../fixtures/container/index.ts'
import type { ExternalService } from '../../src/fixture.ts'
import { randomName } from '../../src/host/secret.ts'
import { caught } from '../support/caught.ts'
import { useTestEngine } from '../support/container-engine.ts'
import { eventually } from '../support/eventually.ts'
import { expectNothingLeft, useCleanState } from '../support/left-nothing.ts'
import { startProgram } from '../support/program.ts'
import { useClient } from '../support/redis-client.ts'
import { useUserProject } from '../support/user-project.ts'
import { installedTesting, installedUrl, register, withoutTenants } from './register.ts'

const { stateDirectory } = useCleanState()
const image = 'localhost/key-store:1'
const engine = useTestEngine({
  [image]: { programs: ['/usr/bin/redis-server'], changes: ['ENTRYPOINT ["redis-server"]', 'EXPOSE 6379'] },
})
const project = useUserProject('')

const { fixtureContract } = await installedTesting()
const fixture = installedUrl('fixtures/container')
const { container }: typeof import('../../fixtures/container/index.ts') = await import(fixture)

const directory = mkdtempSync(join(tmpdir(), 'ts-container-'))
afterAll(() => rmSync(directory, { recursive: true }))

process.env.IMAGE = image
const module = project.copy('programs/key-store.mjs')
const { options, store } = await import(module)

type Service = ExternalService<ContainerConfig>

function using<T>({ serviceConfig: { host, port } }: Service, use: (client: Redis) => Promise<T>): Promise<T> {
  return useClient(`redis://${host}:${port}`, use)
}

const set = (service: Service): Promise<unknown> => using(service, (client) => client.set('key', 'value'))
const keys = (service: Service): Promise<string[]> => using(service, (client) => client.keys('*'))

register(
  fixtureContract(store, {
    module: { url: pathToFileURL(module), name: 'store' },
    write: set,
    read: keys,
    dirt: { 'a key': set },
    isPristine: async (service) => (await keys(service)).length === 0,
  }),
  withoutTenants,
)

function create(changes: Partial<ContainerOptions> = {}): Service {
  const service = container({ ...options, ...changes }).create({ label: 'STORE', directory })
  onTestFinished(() => service.cleanUp())
  return service
}

async function started(changes: Partial<ContainerOptions> = {}): Promise<Service> {
  const service = create(changes)
  await service.setUp()
  return service
}

async function containerOf({ files }: Service): Promise<string> {
  const [run, instance] = files.configFile.split('/').slice(-3)
  return (await engine.containers()).find((name) => name.includes(`${run}-${instance}`)) ?? ''
}

describe('a container', () => {
  test('is published on 127.0.0.1 only, with its output in our log', async () => {
    const service = await started()
    const inspected = await engine.api.require(`/containers/${await containerOf(service)}/json`)
    const hosts = JSON.stringify(inspected).match(/"HostIp":"[^"]*"/g)
    expect(new Set(hosts)).toEqual(new Set(['"HostIp":"127.0.0.1"']))
    await eventually('the log is copied', () => service.log.tail().includes('Ready to accept connections'))
  })

  test('has variables, mounts and further ports', async () => {
    writeFileSync(join(directory, 'store.conf'), 'port 7000\nprotected-mode no\nmaxclients 77\n')
    const mounts = { 'store.conf': '/etc/store.conf' }
    const command = ['/etc/store.conf']
    const service = await started({ command, mounts, port: 7000, ports: { other: 9000 }, environment: { LEVEL: 3 } })
    expect(await using(service, (client) => client.config('GET', 'maxclients'))).toEqual(['maxclients', '77'])
    expect(service.variables).toMatchObject({ LP_STORE_OTHER_PORT: String(service.serviceConfig.otherPort) })
    const inspected = await engine.api.require(`/containers/${await containerOf(service)}/json`)
    expect(JSON.stringify(inspected)).toContain('"LEVEL=3"')
  })

  test('is recreated by a reset, on the same port, and no other client may do that', async () => {
    const service = await started({ reset: 'recreate' })
    const { port } = service.serviceConfig
    await set(service)
    await service.reset()
    expect([await keys(service), service.serviceConfig.port]).toEqual([[], port])
    await service.check()
    expect(await engine.containers()).toHaveLength(1)
    const client = container({ ...options, reset: 'recreate' }).create({
      label: 'STORE',
      environment: service.variables,
    })
    await client.setUp({ useExisting: true })
    expect((await caught(client.reset())).message).toContain('only the holder of a container can recreate it')
    await client.cleanUp()
  })

  test('that ends at its start is an error with its exit status and its log', async () => {
    const error = await caught(create({ command: ['--no-such-option', 'yes'] }).setUp())
    expect(error).toMatchObject({ code: 'ERR_START' })
    expect(error.message).toContain('exit status 1')
    expect(error.message).toMatch(/no-such-option/)
    expect(await engine.containers()).toEqual([])
  })

  test('needs an image that is there; the error says how to get it', async () => {
    const error = await caught(create({ image: 'localhost/nothing:1' }).setUp())
    expect(error).toMatchObject({ code: 'ERR_CONTAINER' })
    expect(error.message).toContain('"docker pull localhost/nothing:1"')
  })

  test('needs the program in its image; the error has the reason of the engine', async () => {
    engine.makeImage('localhost/without:1', { programs: ['/bin/sh'], changes: ['ENTRYPOINT ["no-server"]'] })
    const without = container({ image: 'localhost/without:1', port: 80 }).create({ label: 'STORE' })
    const error = await caught(without.setUp())
    expect(error).toMatchObject({ code: 'ERR_CONTAINER' })
    expect(error.message).toContain('no-server')
    expect(await engine.containers()).toEqual([])
  })
})

interface Proxy {
  readonly url: string
  /** Resolves when the engine has answered a request for this path. */
  answered(part: string): Promise<unknown>
}

/** Starts a proxy before the engine, which forwards the requests that the function admits. */
async function proxyThat(admits: (path: string) => Promise<boolean>): Promise<Proxy> {
  const socket = join(directory, `proxy-${randomName(8)}.sock`)
  const answered = new EventEmitter()
  const server = createServer(async (incoming, outgoing) => {
    const { url: path = '', method, headers } = incoming
    // Read as a whole: the sender may be killed meanwhile.
    const body = await text(incoming)
    if (!(await admits(path))) return
    const forwarded = request({ socketPath: engine.socket, path, method, headers }, (answer) => {
      answered.emit(path.split(/[/?]/)[2] ?? '')
      outgoing.writeHead(answer.statusCode ?? 500, answer.headers)
      answer.pipe(outgoing)
    })
    forwarded.on('error', () => outgoing.destroy())
    outgoing.on('error', () => {})
    forwarded.end(body)
  })
  await new Promise<void>((resolve) => server.listen(socket, resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return { url: `unix://${socket}`, answered: (part) => once(answered, part) }
}

/** Starts a process that holds a container. */
function startHolder(url: string): ReturnType<typeof startProgram> {
  const file = project.copy('programs/holds-a-key-store.mjs')
  return startProgram([process.execPath, file], { env: { ...process.env, DOCKER_HOST: url } })
}

const noContainers = (): Promise<unknown> =>
  eventually('the containers are gone', async () => (await engine.containers()).length === 0)

describe('a holder that is killed', () => {
  test('between the creation and the start leaves no container', async () => {
    let reached = (): void => {}
    const atStart = new Promise<void>((resolve) => {
      reached = resolve
    })
    const { url } = await proxyThat(async (path) => {
      if (path.endsWith('/start')) reached()
      return !path.endsWith('/start')
    })
    const holder = startHolder(url)
    await atStart
    expect(await engine.containers()).toHaveLength(1)
    await holder.kill()
    await noContainers()
    await expectNothingLeft(stateDirectory)
  })

  test('while the engine makes the container leaves no container', async () => {
    let holder: ReturnType<typeof startProgram> | undefined
    const proxy = await proxyThat(async (path) => {
      if (path.startsWith('/containers/create')) await holder?.kill()
      return true
    })
    const made = proxy.answered('create')
    holder = startHolder(proxy.url)
    await made
    await noContainers()
    await expectNothingLeft(stateDirectory)
  })

  test('while the engine is down leaves a container on record, until the engine is back', async () => {
    const holder = startHolder(engine.url)
    await holder.line()
    await engine.stop()
    await holder.kill()
    const isNamed = async (): Promise<boolean> => (await project.run(['sweep'])).stdout.includes('left container test-')
    await eventually('a sweep names the container', isNamed)
    await engine.start()
    await noContainers()
    await expectNothingLeft(stateDirectory)
  })
})

describe('an engine', () => {
  test('that is restarted does not disturb a container', async () => {
    const service = await started({ reset: 'recreate' })
    await set(service)
    await engine.stop()
    expect(await keys(service)).toEqual(['key'])
    await service.check()
    await engine.start()
    await using(service, (client) => client.call('DEBUG', 'LOG', 'after the restart').catch(() => {}))
    await service.check()
    await service.reset()
    expect(await keys(service)).toEqual([])
  })

  test('that returns tells of the death of a container', async () => {
    const service = await started()
    await engine.stop()
    await using(service, (client) => client.call('SHUTDOWN', 'NOSAVE')).catch(() => {})
    await engine.start()
    await eventually('the end is noticed', () =>
      service.checkLiving().then(
        () => false,
        () => true,
      ),
    )
    expect(await caught(service.check())).toMatchObject({ code: 'ERR_SERVICE_DIED' })
  })

  test('that does not answer is an error within seconds', async () => {
    const silent = createSocketServer(() => {})
    const path = join(directory, 'silent.sock')
    await new Promise<void>((resolve) => silent.listen(path, resolve))
    onTestFinished(() => void silent.close())
    process.env.DOCKER_HOST = `unix://${path}`
    onTestFinished(() => {
      process.env.DOCKER_HOST = engine.url
    })
    const error = await caught(create().setUp())
    expect(error).toMatchObject({ code: 'ERR_CONTAINER' })
    expect(error.message).toContain(`the container engine at unix://${path} does not answer within 3000 ms`)
  })

  test('keeps the containers of others, whatever their names are', async () => {
    const name = 'test-services-0123456789abcdefghij-store-1-1'
    await engine.api.require(`/containers/create?name=${name}`, { method: 'POST', body: { Image: image } })
    await engine.api.require(`/containers/${name}/start`, { method: 'POST' })
    const service = await started()
    await service.reset()
    await service.cleanUp()
    await project.run(['sweep'])
    expect(await engine.containers()).toEqual([name])
    await engine.api.require(`/containers/${name}?force=1`, { method: 'DELETE' })
  })
})

test('no container is left at the end', async () => {
  await noContainers()
})
