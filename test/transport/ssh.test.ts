import { once } from 'node:events'
import { chmodSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { proposePort } from '../../src/host/port.ts'
import type { TransportError } from '../../src/kernel/errors.ts'
import type { SshOptions } from '../../src/transport/ssh/ssh-options.ts'
import { ssh } from '../../src/transport/ssh.ts'
import type { Transport } from '../../src/transport/transport.ts'
import { caught } from '../support/caught.ts'
import { useCleanState } from '../support/left-nothing.ts'
import { program } from '../support/programs.ts'
import { makeKey, type SshServer, startSshServer } from '../support/ssh-server.ts'
import { outputOf, transportCases } from '../support/transport-cases.ts'

const { stateDirectory } = useCleanState()
let server: SshServer
let transport: Transport

beforeAll(async () => {
  server = await startSshServer({ settings: ['MaxSessions 4'] })
  transport = ssh(server.options)
})
afterAll(async () => {
  await transport.close()
  await server[Symbol.asyncDispose]()
})

transportCases(() => ({ transport, directory: mkdtempSync(join(stateDirectory, 'case-')) }))

test('more commands than sshd allows sessions wait for their turn', async () => {
  const numbers = Array.from({ length: 10 }, (_, index) => `${index}`)
  const outputs = await Promise.all(numbers.map((number) => outputOf(transport, ['echo', number])))
  expect(outputs.map(({ output }) => output.trim())).toEqual(numbers)
})

test('variables and input are in no argument of a process', async () => {
  const script = `secret=$(cat); all=$(cat /proc/[0-9]*/cmdline 2> /dev/null | tr '\\000' ' ')
    case $all in *"$secret"*) echo seen ;; *) echo unseen ;; esac; echo "$SECRET"`
  const secret = ['s3', 'cr3t'].join('')
  const { output } = await outputOf(transport, ['sh', '-c', script], { environment: { SECRET: secret }, input: secret })
  expect(output).toBe(`unseen\n${secret}\n`)
})

test('a signal without a name in SSH is reported as SIGUNUSED', async () => {
  expect(await transport.run(['sh', '-c', 'ulimit -c 0; kill -BUS $$'])).toEqual({
    exitCode: null,
    signal: 'SIGUNUSED',
  })
})

test('a name that no shell can set is refused', async () => {
  const error = await caught(transport.run(['true'], { environment: { 'spring.url': 'x' } }))
  expect(error).toMatchObject({ code: 'ERR_CONFIG', message: expect.stringContaining('"spring.url"') })
})

test('an exposed port leads to a service of this side, until it is closed', async () => {
  const service = createServer((socket) => socket.pipe(socket)).listen(0, '127.0.0.1')
  await once(service, 'listening')
  try {
    const { port } = service.address() as { port: number }
    const exposed = await transport.expose({ host: '127.0.0.1', port })
    const ask = () => outputOf(transport, program('sends-a-line', `${exposed.port}`, 'hello'))
    const outputs = [(await ask()).output]
    await exposed.close()
    outputs.push((await ask()).output)
    expect([exposed.port === port, outputs]).toEqual([false, ['hello\n', 'ECONNREFUSED\n']])
  } finally {
    service.close()
  }
})

describe('a connection that cannot be made says why', () => {
  async function failure(changes: Partial<SshOptions>): Promise<{ code: string; message: string }> {
    await using failing = ssh({ ...server.options, ...changes })
    const { code, message } = await caught<TransportError>(failing.run(['true']))
    return { code, message }
  }

  test('nothing listens', async () => {
    const error = await failure({ port: await proposePort() })
    expect(error).toMatchObject({ code: 'ERR_TRANSPORT', message: expect.stringMatching(/^ssh:.*refused/) })
  })

  test('there is no such host', async () => {
    const error = await failure({ host: 'no-such-host.invalid' })
    expect(error).toMatchObject({ code: 'ERR_TRANSPORT', message: expect.stringContaining('no host of this name') })
  })

  test('the host key is unknown', async () => {
    const knownHosts = join(stateDirectory, 'known_hosts')
    const error = await failure({ knownHosts })
    const advice = `ssh-keyscan -p ${server.port} 127.0.0.1 >> ${knownHosts}`
    expect(error).toMatchObject({ code: 'ERR_TRANSPORT', message: expect.stringContaining(advice) })
  })

  test('the host key has changed', async () => {
    const other = readFileSync(`${makeKey(join(stateDirectory, 'other_host'))}.pub`, 'utf8')
    const knownHosts = join(stateDirectory, 'changed_hosts')
    writeFileSync(knownHosts, `# a comment\n[127.0.0.1]:${server.port} ${other}`)
    const error = await failure({ knownHosts })
    expect(error).toMatchObject({ code: 'ERR_TRANSPORT', message: expect.stringMatching(/CHANGED.*changed_hosts:2$/) })
  })

  test('the key is not accepted', async () => {
    const key = makeKey(join(stateDirectory, 'stranger'))
    const error = await failure({ key })
    expect(error).toMatchObject({ code: 'ERR_TRANSPORT', message: expect.stringContaining(`tried ${key}`) })
  })

  test('the key is missing, readable for others, or encrypted', async () => {
    const readable = makeKey(join(stateDirectory, 'readable'))
    chmodSync(readable, 0o644)
    const encrypted = makeKey(join(stateDirectory, 'encrypted'), 'a passphrase')
    const errors = [
      await failure({ key: join(stateDirectory, 'missing') }),
      await failure({ key: readable }),
      await failure({ key: encrypted }),
      await failure({ key: encrypted, passphrase: 'another' }),
    ]
    expect(errors).toMatchObject([
      { code: 'ERR_CONFIG', message: expect.stringContaining('no such file') },
      { code: 'ERR_CONFIG', message: expect.stringContaining(`chmod 600 ${readable}`) },
      { code: 'ERR_CONFIG', message: expect.stringContaining(`ssh-add ${encrypted}`) },
      { code: 'ERR_CONFIG', message: expect.stringContaining('the passphrase is not the one') },
    ])
  })

  test('an option is misspelt', () => {
    const options = { ...server.options, prot: 22 }
    expect(() => ssh(options)).toThrow('ssh().prot: unknown key (did you mean "port"?)')
  })
})

test('knownHosts: false accepts any host key', async () => {
  await using careless = ssh({ ...server.options, knownHosts: false })
  expect(await careless.run(['true'])).toEqual({ exitCode: 0, signal: null })
})

test('a closed transport refuses further commands, and close ends running ones', async () => {
  const closing = ssh(server.options)
  const running = caught(closing.run(['sh', '-c', 'echo; exec sleep 600'], { onOutput: () => void closing.close() }))
  const errors = [await running, await caught(closing.run(['true']))]
  expect(errors).toMatchObject([{ code: 'ERR_STATE' }, { code: 'ERR_STATE' }])
})
