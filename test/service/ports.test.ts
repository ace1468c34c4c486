import { chownSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { librarian } from '../../fixtures/librarian/index.ts'
import { command } from '../../src/index.ts'
import { controlGroupMembers, ownControlGroup } from '../../src/process/control-group.ts'
import { caught } from '../support/caught.ts'
import { useCleanState } from '../support/left-nothing.ts'
import { openTemporaryDirectory } from '../support/other-user.ts'
import { identityOfUser } from '../support/posix-users.ts'
import { programArgv, type StartedProgram, startProgram } from '../support/program.ts'
import { program } from '../support/programs.ts'

const { stateDirectory } = useCleanState()

const serves = join(import.meta.dirname, '../programs/serves-pid.pl')
const isRoot = process.getuid?.() === 0

/** A server of somebody else, which answers everything. */
async function foreignServer(): Promise<{ port: number } & AsyncDisposable> {
  const server: Server = createServer((_request, response) => response.end('foreign'))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const close = (): Promise<void> => new Promise((resolve) => server.close(() => resolve()).closeAllConnections())
  return { port: (server.address() as AddressInfo).port, [Symbol.asyncDispose]: close }
}

/** The program of that name, run by an ordinary user in a directory of its own. */
function meetForeignServer(script: string, rounds: number): StartedProgram {
  const directory = mkdtempSync(join(openTemporaryDirectory(), 'ts-foreign-'))
  onTestFinished(() => rmSync(directory, { recursive: true }))
  const nobody = isRoot ? identityOfUser('nobody') : undefined
  if (nobody) chownSync(directory, nobody.uid, nobody.gid)
  const args = [directory, script, String(rounds), ...program('ignores-its-port')]
  return startProgram(programArgv('meets-a-foreign-server.ts', ...args), {
    ...nobody,
    cwd: '/',
    env: { PATH: process.env.PATH, LP_STATE_DIR: join(directory, 'state') },
  })
}

function portsIn(file: string): string[] {
  return readFileSync(file, 'utf8').trim().split('\n')
}

test('a port that is lost is retried on another', async () => {
  const file = join(stateDirectory, 'lost-twice')
  await using service = command({ command: program('loses-its-first-ports', file, '2') }).create({ label: 'LOSER' })
  await service.setUp()
  const ports = portsIn(file)
  expect(new Set(ports).size).toBe(3)
  expect(service.serviceConfig.port).toBe(Number(ports[2]))
  expect(service.log.tail()).not.toContain('EADDRINUSE')
})

test.skipIf(ownControlGroup() === undefined)('the next attempt is in a control group of its instance too', async () => {
  const file = join(stateDirectory, 'lost-in-a-group')
  await using service = command({ command: program('loses-its-first-ports', file, '1') }).create({ label: 'LOSER' })
  await service.setUp()
  const [, name = ''] = /^0::.*(\/[^/]+\/loser-\d+)$/m.exec(readFileSync(`/proc/${service.pid}/cgroup`, 'utf8')) ?? []
  const group = join(ownControlGroup() ?? '', name)
  expect(controlGroupMembers(group)).toEqual([service.pid])
  await service.cleanUp()
  expect(existsSync(group)).toBe(false)
})

test('five losses in a row are an error that names the last port', async () => {
  const file = join(stateDirectory, 'lost-always')
  await using service = command({ command: program('loses-its-first-ports', file, '99') }).create({ label: 'LOSER' })
  const error = await caught(service.setUp())
  const ports = portsIn(file)
  expect(ports).toHaveLength(5)
  expect(error).toMatchObject({ code: 'ERR_PORT_TAKEN' })
  expect(error.message).toContain(`LOSER: port ${ports[4]} is already in use`)
  expect(error.message).toContain('EADDRINUSE')
})

test('another reason to fail after a lost port is told as that', async () => {
  const file = join(stateDirectory, 'lost-once')
  const script = `if [ -e ${file} ]; then echo other trouble; exit 4; fi; : > ${file}; echo EADDRINUSE; exit 1`
  await using service = command({ command: ['sh', '-c', script] }).create({ label: 'LOSER' })
  expect(await caught(service.setUp())).toMatchObject({ code: 'ERR_START', evidence: { ended: 'exit status 4' } })
})

test('a port of its own that a program finds taken is no lost port', async () => {
  await using foreign = await foreignServer()
  const server = `console.log('10:20:30 starts'); require('http').createServer().listen(${foreign.port}, '127.0.0.1')`
  await using service = command({ command: [process.execPath, '-e', server] }).create({ label: 'STUBBORN' })
  const error = await caught(service.setUp())
  expect(error).toMatchObject({ code: 'ERR_START' })
  expect(error.message).toContain(`EADDRINUSE: address already in use 127.0.0.1:${foreign.port}`)
})

test('a server of somebody else on a fixed port is not taken for ours', async () => {
  await using foreign = await foreignServer()
  const definition = command({ command: program('ignores-its-port'), port: foreign.port })
  await using service = definition.create({ label: 'SILENT' })
  const error = await caught(service.setUp())
  expect(error).toMatchObject({ code: 'ERR_PORT_TAKEN' })
  const by = process.platform === 'linux' ? ` by process ${process.pid}` : ''
  expect(error.message).toContain(`SILENT: port ${foreign.port} is already in use${by}; stop`)
})

test('a port of another service of the same start is told as that', async () => {
  await using first = command({ command: ['perl', serves] }).create({ label: 'FIRST' })
  await first.setUp()
  const { port } = first.serviceConfig
  await using second = command({ command: ['perl', serves], port }).create({ label: 'SECOND' })
  expect((await caught(second.setUp())).message).toContain(
    `SECOND: port ${port} is already in use by process ${first.pid}, another service of this start; choose another port`,
  )
})

describe('while the descriptors of ours cannot be read, a foreign server', () => {
  test('is told from ours as soon as they can be', async () => {
    const { line } = meetForeignServer('sleep 0.05; exec "$@"', 10)
    for (let round = 0; round < 10; round++) expect(JSON.parse(await line())).toMatchObject({ code: 'ERR_PORT_TAKEN' })
  })

  test('is not accepted, and the error says how to accept another process', async () => {
    const { line } = meetForeignServer('while :; do sleep 0.05; done', 1)
    const { code, message } = JSON.parse(await line())
    expect(code).toBe('ERR_NOT_READY')
    expect(message).toMatch(/cannot read which process listens on port \d+.*listener: 'any'/)
  })
})

test('a configured port that is taken is an error at once', async () => {
  await using foreign = await foreignServer()
  await using service = librarian().create({ label: 'LIBRARIAN', profile: { port: foreign.port } })
  const error = await caught(service.setUp({ uniqueInstance: false }))
  expect(error).toMatchObject({ code: 'ERR_PORT_TAKEN' })
  expect(error.message).toContain(`LIBRARIAN: port ${foreign.port} is already in use`)
})

test('a unique instance does not take the port of the profile', async () => {
  await using foreign = await foreignServer()
  await using service = librarian().create({ label: 'LIBRARIAN', profile: { port: foreign.port } })
  await service.setUp()
  expect(service.serviceConfig.port).not.toBe(foreign.port)
})

test('many at the same time have ports of their own', async () => {
  const services = Array.from({ length: 8 }, () =>
    command({ command: program('serves-http') }).create({ label: 'WEB' }),
  )
  await Promise.all(services.map((service) => service.setUp()))
  expect(new Set(services.map(({ serviceConfig }) => serviceConfig.port)).size).toBe(8)
  await Promise.all(services.map((service) => service.cleanUp()))
})

test('a server that listens over IPv6 only is reached there', async () => {
  await using service = command({ command: program('serves-http', '::1') }).create({ label: 'SIX' })
  await service.setUp()
  expect(service.serviceConfig).toMatchObject({ host: '::1', url: `http://[::1]:${service.serviceConfig.port}` })
  expect(await (await fetch(service.serviceConfig.url)).text()).toBe('served\n')
})

test('a server of somebody else on IPv4 is not hidden by ours on IPv6', async () => {
  await using foreign = await foreignServer()
  const definition = command({ command: program('serves-http', '::1'), port: foreign.port })
  await using service = definition.create({ label: 'SIX' })
  expect(await caught(service.setUp())).toMatchObject({ code: 'ERR_PORT_TAKEN' })
})

test('a port that another process serves is accepted when the service declares it', async () => {
  await using foreign = await foreignServer()
  const definition = command({ command: program('ignores-its-port'), port: foreign.port, listener: 'any' })
  await using service = definition.create({ label: 'ENGINE' })
  await service.setUp()
  await service.check()
})
