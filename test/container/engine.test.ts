import { createServer, type RequestListener, type Server } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { engineAddresses, engineVariables, parseAddress } from '../../src/container/addresses.ts'
import { Engine } from '../../src/container/engine.ts'
import { findEngine } from '../../src/container/find-engine.ts'
import { findImage, requireImage } from '../../src/container/image.ts'
import { createFrameReader } from '../../src/container/log-frames.ts'
import { reclaim } from '../../src/container/reclaim.ts'
import { userInContainer } from '../../src/container/user.ts'
import { randomName } from '../../src/host/secret.ts'
import { caught } from '../support/caught.ts'

/** Starts a server that takes the part of an engine. */
async function engineThat(answers: RequestListener): Promise<Engine> {
  const path = join(tmpdir(), `ts-engine-${randomName(8)}.sock`)
  const server: Server = createServer(answers)
  await new Promise<void>((resolve) => server.listen(path, resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return new Engine(`unix://${path}`)
}

function answer(status: number, body: object): RequestListener {
  return (_request, response) => response.writeHead(status).end(JSON.stringify(body))
}

test('an engine that does not answer is an error after the limit', async () => {
  const engine = await engineThat(() => {})
  const error = await caught(engine.ask('/_ping', { limitMs: 100 }))
  expect(error).toMatchObject({ code: 'ERR_CONTAINER' })
  expect(error.message).toBe(`the container engine at ${engine.url} does not answer within 100 ms`)
})

test('an engine that is not there is an error that says how to start one', async () => {
  const error = await caught(findEngine({ DOCKER_HOST: 'unix:///nowhere/engine.sock' }))
  expect(error).toMatchObject({ code: 'ERR_CONTAINER' })
  expect(error.message).toMatch(/^no container engine answers at unix:\/\/\/nowhere\/engine.sock: .*start Docker, or /)
  const none = await caught(findEngine({ HOME: '/nowhere', XDG_RUNTIME_DIR: '/nowhere', DOCKER_HOST: 'ssh://host' }))
  expect(none.message).toContain(
    'cannot use the container engine at ssh://host: expected unix:///path/to/socket or tcp:',
  )
})

test('a refusal has the reason of the engine', async () => {
  const engine = await engineThat(answer(500, { message: 'no space left' }))
  expect((await caught(engine.require('/containers/json'))).message).toBe(
    `the container engine at ${engine.url} refuses: no space left`,
  )
})

test('DOCKER_HOST names the engine, by a socket or by an address with certificates', () => {
  const host = 'tcp://10.0.0.1:2376'
  expect(engineAddresses({ DOCKER_HOST: 'unix:///a/b.sock' })).toEqual([
    { url: 'unix:///a/b.sock', socketPath: '/a/b.sock' },
  ])
  expect(engineAddresses({ DOCKER_HOST: host, DOCKER_TLS_VERIFY: '1', DOCKER_CERT_PATH: '/certs' })).toEqual([
    { url: host, host: '10.0.0.1', port: 2376, certificates: '/certs' },
  ])
})

test('a process with the address of an engine needs three variables more', () => {
  const environment = { HOME: '/home/me', DOCKER_TLS_VERIFY: '1', DOCKER_CERT_PATH: '/certs', AWS_SECRET: 'x' }
  const passed = engineVariables(environment)
  expect(passed).toEqual({ HOME: '/home/me', DOCKER_TLS_VERIFY: '1', DOCKER_CERT_PATH: '/certs' })
  const url = 'tcp://10.0.0.1:2376'
  expect(parseAddress(url, passed)).toEqual(parseAddress(url, environment))
})

test('an image that is not there is an error that says how to get it', async () => {
  const engine = await engineThat(answer(404, { message: 'no such image' }))
  expect(await findImage(engine, 'barley:1')).toBeUndefined()
  expect((await caught(requireImage(engine, 'barley:1'))).message).toContain('"docker pull barley:1" or "podman pull')
})

test.each([
  ['docker.io/library/redis:8', { Env: ['PATH=/bin', 'REDIS_VERSION=8.2.1'] }, '8.2.1'],
  ['rabbitmq', { Labels: { 'org.opencontainers.image.version': '4.1.0' } }, '4.1.0'],
  ['localhost:5000/team/redis:v7.2-alpine', {}, '7.2-alpine'],
  ['redis:latest', { Env: null, Labels: null }, undefined],
])('the version of the image %s is what it says of itself', async (name, Config, version) => {
  const engine = await engineThat(answer(200, { Config }))
  expect((await findImage(engine, name))?.version).toBe(version)
})

test('the ports of an image are those that it exposes by TCP', async () => {
  const engine = await engineThat(answer(200, { Config: { ExposedPorts: { '80/tcp': {}, '53/udp': {} } } }))
  expect((await findImage(engine, 'barley'))?.ports).toEqual([80])
})

test('a container of an engine that does not run may still exist', async () => {
  const identity = { engine: 'unix:///nowhere/engine.sock', name: 'barley', mark: 'barley' }
  const error = await caught(reclaim(identity, 100))
  // A cause such as ECONNREFUSED would count as the end of the container.
  expect([error.message, error.cause]).toEqual([expect.stringContaining('no container engine answers'), undefined])
})

test('a container with the name of ours, and without our label, is left alone', async () => {
  const requests: (string | undefined)[] = []
  const engine = await engineThat((request, response) => {
    requests.push(request.method)
    answer(200, { Id: 'other', Config: { Labels: { 'test-services.instance': 'other' } }, State: {} })(
      request,
      response,
    )
  })
  await reclaim({ engine: engine.url, name: 'barley', mark: 'barley' }, 100)
  expect(new Set(requests)).toEqual(new Set(['GET']))
})

test.each([
  ['an engine of root', { SecurityOptions: ['name=seccomp'] }, '1000:100'],
  ['a Docker without root', { SecurityOptions: ['name=seccomp', 'name=rootless'] }, '0:0'],
  ['a Podman without root', { Rootless: true, SecurityOptions: null }, '0:0'],
])('%s has the owner of our files as a user of its containers', async (_what, info, user) => {
  expect(await userInContainer(await engineThat(answer(200, info)), { uid: 1000, gid: 100 })).toBe(user)
})

test('a log stream is read in whatever pieces it comes', () => {
  const frame = (kind: number, text: string): Buffer => {
    const header = Buffer.from([kind, 0, 0, 0, 0, 0, 0, 0])
    header.writeUInt32BE(Buffer.byteLength(text), 4)
    return Buffer.concat([header, Buffer.from(text)])
  }
  const bytes = Buffer.concat([frame(1, 'barley\n'), frame(1, ''), frame(2, 'weeds\n'), frame(1, 'wheat\n')])
  for (let size = 1; size <= bytes.length; size++) {
    const read = createFrameReader()
    const frames = Array.from({ length: Math.ceil(bytes.length / size) }, (_, index) =>
      read(bytes.subarray(index * size, (index + 1) * size)),
    ).flat()
    const textOf = (isError: boolean): string =>
      Buffer.concat(frames.filter((each) => each.isError === isError).map((each) => each.bytes)).toString()
    expect([textOf(false), textOf(true)]).toEqual(['barley\nwheat\n', 'weeds\n'])
  }
})
