import { execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { connect, createServer, type Server, type Socket } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { proposePort } from '../../src/host/port.ts'
import { identify, isAlive, type ProcessIdentity, readStat } from '../../src/process/inspect/identity.ts'
import { unlessUnreadable } from '../../src/process/inspect/unless-unreadable.ts'
import { NetworkProxy } from '../../src/proxy/network-proxy.ts'
import { ssh } from '../../src/transport/ssh.ts'
import type { Transport } from '../../src/transport/transport.ts'
import { caught } from '../support/caught.ts'
import { eventually } from '../support/eventually.ts'
import { useCleanState } from '../support/left-nothing.ts'
import { programArgv, startProgram } from '../support/program.ts'
import { readPid } from '../support/read-pid.ts'
import { type SshServer, startSshServer } from '../support/ssh-server.ts'

const { stateDirectory } = useCleanState()
let server: SshServer
let directory: string

beforeAll(async () => {
  server = await startSshServer()
})
afterAll(() => server[Symbol.asyncDispose]())
beforeEach(() => {
  directory = mkdtempSync(join(stateDirectory, 'case-'))
})

/** What is promised of a cut, in seconds. */
const limitS = 5
/** The test waits longer: the observer may be late on a busy machine. */
const patienceMs = 20_000

/** Files into which `leaves-much.sh` writes pids. */
const kinds = ['bare', 'daemon', 'holder', 'main', 'stubborn']

interface Witness {
  /** Waits until the processes are gone. Returns the time on the clock of the far side, in seconds. */
  expectGone(): Promise<number>
}

/** Remembers the processes of the far side, and starts a similar process that is not of the far side. */
function witness(): Witness {
  const pids = kinds.map((kind) => Number(readFileSync(join(directory, kind), 'utf8')))
  const processes = [...pids, ...server.commands()].flatMap((pid) => identify(pid) ?? [])
  expect(processes.length).toBeGreaterThan(kinds.length)
  const bystander = startLookalike(processes)
  const watch = startProgram(programArgv('waits-for-ends.sh', ...processes.map(({ pid }) => `${pid}`)))
  const expectGone = async (): Promise<number> => {
    await eventually('all processes of the far side are gone', () => !processes.some(isAlive), patienceMs)
    expect(isAlive(bystander)).toBe(true)
    return Number(await watch.line())
  }
  return { expectGone }
}

function startLookalike(processes: readonly ProcessIdentity[]): ProcessIdentity {
  const variables = processes.flatMap(({ pid }) => environmentOf(pid).split('\0'))
  const mark = variables.find((variable) => variable.startsWith('TEST_SERVICES_REMOTE=')) ?? 'no mark'
  const [name = '', value = ''] = mark.split('=')
  const { pid } = startProgram(['sh', '-c', 'read -r line', mark], {
    cwd: directory,
    env: { PATH: process.env.PATH, X: mark, [name]: `${value}x` },
  })
  return identify(pid) as ProcessIdentity
}

/** Returns the time on the clock of the far side, which is the clock of this machine, in seconds. */
function farTime(): number {
  return Number.parseFloat(readFileSync('/proc/uptime', 'utf8'))
}

async function startProxy(): Promise<NetworkProxy & AsyncDisposable> {
  const listen = { host: '127.0.0.1', port: await proposePort() }
  const proxy = await NetworkProxy.start({ label: 'SSHD', listen, target: { host: '127.0.0.1', port: server.port } })
  return Object.assign(proxy, { [Symbol.asyncDispose]: () => proxy.end() })
}

function through({ port }: { readonly port: number }): Transport {
  return ssh({ ...server.options, port, knownHosts: false })
}

function nameOf(pid: number): string {
  return unlessUnreadable(() => readFileSync(`/proc/${pid}/comm`, 'utf8')) ?? ''
}

function environmentOf(pid: number): string {
  return unlessUnreadable(() => readFileSync(`/proc/${pid}/environ`, 'latin1')) ?? ''
}

/** Starts a command that leaves much, and waits until all of it is there. */
async function start(transport: Transport) {
  const canceling = new AbortController()
  let output = ''
  const onOutput = (chunk: Uint8Array): void => {
    output += Buffer.from(chunk)
  }
  const options = { signal: canceling.signal, graceMs: 50, onOutput }
  const ended = caught(transport.run(programArgv('leaves-much.sh', directory), options))
  await eventually('the command is ready', () => output === 'ready\n')
  return { ended, cancel: () => canceling.abort(), ...witness() }
}

test('nothing is left when the caller is killed', async () => {
  const argv = [server.options, programArgv('leaves-much.sh', directory)].map((part) => JSON.stringify(part))
  const caller = startProgram(programArgv('runs-over-ssh.ts', ...argv))
  expect(await caller.line()).toBe('ready')
  const { expectGone } = witness()
  await caller.kill()
  await expectGone()
})

test('nothing is left 5 seconds after a cut of the network, and the caller is told', async () => {
  await using proxy = await startProxy()
  await using transport = through(proxy)
  const { ended, expectGone } = await start(transport)
  const cutAt = farTime()
  await proxy.cut()
  expect((await expectGone()) - cutAt).toBeLessThan(limitS)
  expect(await ended).toMatchObject({ code: 'ERR_TRANSPORT' })
})

test('copies over a slow link do not count as a cut', async () => {
  await using proxy = await startProxy()
  await using transport = through(proxy)
  await transport.run(['true'])
  await proxy.bandwidth(250)
  const [from, there, back] = ['from', 'there', 'back'].map((name) => join(directory, name)) as [string, string, string]
  // More than the window of a channel: the last bytes are on their way for longer than the keeper waits for a beat.
  writeFileSync(from, randomBytes(1_500_000))
  await Promise.all([transport.put(from, there), transport.get(from, back)])
  expect([there, back].map((path) => readFileSync(path).equals(readFileSync(from)))).toEqual([true, true])
})

test('nothing is left when sshd ends the connection', async () => {
  await using transport = ssh(server.options)
  const { ended, expectGone } = await start(transport)
  for (const pid of server.connections()) process.kill(pid, 'SIGKILL')
  await expectGone()
  expect(await ended).toMatchObject({ code: 'ERR_TRANSPORT' })
})

test('nothing is left of a command that is canceled, and the next one runs', async () => {
  await using transport = ssh(server.options)
  const { ended, cancel, expectGone } = await start(transport)
  cancel()
  expect(await ended).toMatchObject({ code: 'ERR_CANCELED' })
  expect(await transport.run(['true'])).toEqual({ exitCode: 0, signal: null })
  await transport.close()
  await expectGone()
})

test('the next keeper ends what a killed one has left', async () => {
  await using transport = ssh(server.options)
  const file = join(directory, 'daemon')
  const ended = caught(transport.run(programArgv('double-forks.sh', 'session', file)))
  const daemon = await eventually('the daemon runs', () => identify(readPid(file) ?? -1))
  const readers = server.commands().filter((pid) => nameOf(pid) === 'cat\n')
  for (const pid of readers) process.kill(-(readStat(pid)?.group ?? pid), 'SIGKILL')
  expect(await ended).toMatchObject({ code: 'ERR_TRANSPORT' })
  expect([isAlive(daemon), await transport.run(['true']), isAlive(daemon)]).toEqual([
    true,
    { exitCode: 0, signal: null },
    false,
  ])
})

test('a command is run after this thread was busy for longer than the keeper waits', async () => {
  await using transport = ssh(server.options)
  await transport.run(['true'])
  execFileSync('sleep', ['8'])
  expect(await transport.run(['true'])).toEqual({ exitCode: 0, signal: null })
})

test('a machine that was restarted is reached again by the next command', async () => {
  await using transport = ssh(server.options)
  await transport.run(['true'])
  await server.stop()
  expect(await caught(transport.run(['true']))).toMatchObject({ code: 'ERR_TRANSPORT' })
  await server.start()
  expect(await transport.run(['true'])).toEqual({ exitCode: 0, signal: null })
})

test('an exposed port leads to the service after a cut, unless the port was taken', async () => {
  const service = createServer((socket) => socket.end('hello')).listen(0, '127.0.0.1')
  await once(service, 'listening')
  const network = await startForgetfulNetwork()
  await using transport = through(network)
  try {
    const { port } = await transport.expose({ host: '127.0.0.1', port: (service.address() as { port: number }).port })
    const cut = async (): Promise<void> => {
      const ended = caught(transport.run(['sleep', '600']))
      network.cut()
      expect(await ended).toMatchObject({ code: 'ERR_TRANSPORT' })
    }
    await cut()
    expect(await transport.run(['true'])).toEqual({ exitCode: 0, signal: null })
    const [greeting] = await once(connect(port, '127.0.0.1'), 'data')
    expect(`${greeting}`).toBe('hello')
    await cut()
    const other = await eventually('the port is free', () => listen(port))
    expect(await caught(transport.run(['true']))).toMatchObject({
      code: 'ERR_TRANSPORT',
      message: expect.stringContaining(`a different process has taken port ${port}`),
    })
    other.close()
    expect(await transport.run(['true'])).toEqual({ exitCode: 0, signal: null })
  } finally {
    service.close()
    network.close()
  }
})

/** Starts a network to sshd. A cut loses the present connections: sshd never learns of their end. */
async function startForgetfulNetwork() {
  const sockets = new Set<Socket>()
  const relay = createServer((near) => {
    const far = connect(server.port, '127.0.0.1')
    for (const socket of [near, far]) sockets.add(socket.on('error', () => {}))
    near.pipe(far, { end: false })
    far.pipe(near)
  }).listen(0, '127.0.0.1')
  await once(relay, 'listening')
  const cut = (): void => {
    for (const socket of sockets) socket.unpipe().pause()
  }
  const close = (): void => {
    relay.close()
    for (const socket of sockets) socket.destroy()
  }
  return { port: (relay.address() as { port: number }).port, cut, close }
}

/** Returns `false` while the port is taken. */
async function listen(port: number): Promise<Server | false> {
  const server = createServer().listen(port, '127.0.0.1')
  return await once(server, 'listening').then(
    () => server,
    () => false,
  )
}
