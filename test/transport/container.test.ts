import { createHash } from 'node:crypto'
import {
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { inContainer, type RunOptions, type Transport } from '../../src/pool.ts'
import { caught } from '../support/caught.ts'
import { machineImage, useTestEngine } from '../support/container-engine.ts'
import { eventually } from '../support/eventually.ts'
import { useCleanState } from '../support/left-nothing.ts'
import { chunksInOneMemory } from '../support/transport-cases.ts'

useCleanState()
const image = 'localhost/machine:1'
const engine = useTestEngine({ [image]: machineImage })
const directory = mkdtempSync(join(tmpdir(), 'ts-container-'))
afterAll(() => rmSync(directory, { recursive: true }))

let machine: Transport
beforeAll(async () => {
  await engine.startContainer('machine', image)
  machine = inContainer('machine')
})
afterAll(() => machine.close())

interface Done {
  readonly ended: unknown
  readonly output: string
}

async function run(argv: readonly string[], options: RunOptions = {}): Promise<Done> {
  const pieces: Buffer[] = []
  const ended = await machine.run(argv, { onOutput: (chunk) => void pieces.push(Buffer.from(chunk)), ...options })
  return { ended, output: Buffer.concat(pieces).toString() }
}

const script = (text: string, options: RunOptions = {}): Promise<Done> => run(['sh', '-c', text], options)

/** Arguments of all processes in the container, without the keeper and the question itself. */
async function processes(): Promise<string[]> {
  const ask = 'for f in /proc/[0-9]*/cmdline; do tr "\\000" " " < $f; echo; done 2>/dev/null'
  const { output } = await script(ask)
  return output.split('\n').filter((line) => /sleep [0-9]{3}/.test(line) && !line.startsWith('/bin/sleep 600'))
}

describe('a command', () => {
  test('gets its arguments, variables, directory and input as they are', async () => {
    const argv = [
      'env',
      'sh',
      '-c',
      'pwd; printf "%s|" "$@" "$ODD"; cat',
      'sh',
      "it's",
      '',
      '$HOME "x"',
      'two\nlines ',
      'ü',
    ]
    const { ended, output } = await run(argv, { directory: '/usr', environment: { ODD: "a'b\n" }, input: 'in\n' })
    expect(output).toBe(`/usr\nit's||$HOME "x"|two\nlines |ü|a'b\n|in\n`)
    expect(ended).toEqual({ exitCode: 0, signal: null })
  })

  test('has an input whose chunks may lie in the same memory', async () => {
    const hash = createHash('sha256')
    const { output } = await run(['busybox', 'sha256sum'], { input: chunksInOneMemory(hash) })
    expect(output).toContain(hash.digest('hex'))
  })

  test('ends with its exit status, or the signal that killed it', async () => {
    expect((await script('exit 3')).ended).toEqual({ exitCode: 3, signal: null })
    expect((await script('kill -s KILL $$')).ended).toEqual({ exitCode: null, signal: 'SIGKILL' })
  })

  test('has both outputs in their order, or apart, or a control descriptor', async () => {
    const text = 'echo one; echo two >&2; echo three'
    expect((await script(text)).output).toBe('one\ntwo\nthree\n')
    const apart = { out: '', err: '' }
    const note = (name: keyof typeof apart) => (chunk: Uint8Array) => {
      apart[name] += Buffer.from(chunk).toString()
    }
    await machine.run(['sh', '-c', text], { onStdout: note('out'), onStderr: note('err') })
    expect(apart).toEqual({ out: 'one\nthree\n', err: 'two\n' })
    let control = ''
    const onData = (chunk: Uint8Array): void => {
      control += Buffer.from(chunk).toString()
    }
    const { output } = await script('echo out; echo err >&2; echo "noop $CONTROL" >&$CONTROL', {
      control: { variable: 'CONTROL', onData },
    })
    expect([output, control]).toEqual(['out\nerr\n', 'noop 3\n'])
  })

  test('writes 20 MB no faster than they are read', async () => {
    let bytes = 0
    const onOutput = (chunk: Uint8Array): void => {
      bytes += chunk.length
    }
    await machine.run(['sh', '-c', 'head -c 20000000 /dev/zero'], { onOutput })
    expect(bytes).toBe(20_000_000)
  })

  test('that cannot begin is an error', async () => {
    expect(await caught(run(['no-such-program']))).toMatchObject({
      code: 'ERR_MISSING_BINARY',
      message: expect.stringContaining('cannot run "no-such-program" on container:machine'),
    })
    expect(await caught(run(['true'], { directory: '/nowhere' }))).toMatchObject({ code: 'ERR_COMMAND' })
  })

  test('ends what it leaves: a daemon that holds its output, and ignores SIGTERM', async () => {
    const { output } = await script(`trap '' TERM; setsid sleep 501 & sleep 502 & echo done`)
    expect(output).toBe('done\n')
    expect(await processes()).toEqual([])
  })

  test('is canceled by its signal, with all that it started', async () => {
    const controller = new AbortController()
    const onOutput = (): void => controller.abort()
    const running = script(`trap '' TERM; setsid sleep 503 & echo started; sleep 504; sleep 505`, {
      signal: controller.signal,
      graceMs: 200,
      onOutput,
    })
    expect(await caught(running)).toMatchObject({ code: 'ERR_CANCELED' })
    expect(await processes()).toEqual([])
  })
})

test('files and trees go there and back, with modes and links', async () => {
  const tree = join(directory, 'tree')
  mkdirSync(join(tree, 'empty'), { recursive: true })
  writeFileSync(join(tree, "odd 'name'"), 'content', { mode: 0o750 })
  symlinkSync('nowhere', join(tree, 'link'))
  await machine.put(tree, '/tmp/new/tree')
  await machine.get('/tmp/new/tree', join(directory, 'back'))
  const back = join(directory, 'back')
  expect(readFileSync(join(back, "odd 'name'"), 'utf8')).toBe('content')
  expect(statSync(join(back, "odd 'name'")).mode & 0o777).toBe(0o750)
  expect(readlinkSync(join(back, 'link'))).toBe('nowhere')
  expect(statSync(join(back, 'empty')).isDirectory()).toBe(true)
})

test('a port of this host is the same in a container with its network', async () => {
  const server = createServer((socket) => socket.end('barley\n'))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  const { port } = server.address() as { readonly port: number }
  await using exposed = {
    ...(await machine.expose({ host: '127.0.0.1', port })),
    [Symbol.asyncDispose]: async () => {},
  }
  expect(exposed.port).toBe(port)
  expect((await run(['busybox', 'nc', '127.0.0.1', String(exposed.port)])).output).toBe('barley\n')
})

test('a container that is not there is an error of the transport', async () => {
  await using missing = inContainer('missing')
  expect(await caught(missing.run(['true']))).toMatchObject({ code: 'ERR_TRANSPORT' })
  expect(() => inContainer('a b')).toThrow('inContainer().name: expected the name of a container')
})

test('a container that is removed is an error of the transport, and stays one', async () => {
  await engine.startContainer('doomed', image, 'none')
  await using doomed = inContainer('doomed')
  const output: string[] = []
  const running = caught(doomed.run(['sh', '-c', 'echo runs; sleep 506'], { onOutput: () => void output.push('') }))
  await eventually('the command runs', () => output.length > 0)
  expect(await caught(doomed.expose({ host: '127.0.0.1', port: 1 }))).toMatchObject({ code: 'ERR_TRANSPORT' })
  await engine.api.require('/containers/doomed?force=1', { method: 'DELETE', limitMs: 60_000 })
  expect(await running).toMatchObject({ code: 'ERR_TRANSPORT' })
  expect(await caught(doomed.run(['true']))).toMatchObject({ code: 'ERR_TRANSPORT' })
})

test('a command is given up at once while the engine does not answer', async () => {
  await script('true')
  using _silent = engine.pause()
  const startedAt = performance.now()
  const error = await caught(run(['true'], { signal: AbortSignal.timeout(300) }))
  expect([error, performance.now() - startedAt < 5_000]).toMatchObject([{ code: 'ERR_CANCELED' }, true])
})

test('a transport that is closed ends its commands', async () => {
  const other = inContainer({ name: 'machine' })
  const output: string[] = []
  const running = caught(
    other.run(['sh', '-c', 'setsid sleep 507 & echo runs; sleep 508'], { onOutput: () => void output.push('') }),
  )
  await eventually('the command runs', () => output.length > 0)
  await other.close()
  expect(await running).toMatchObject({ code: 'ERR_STATE' })
  expect(await processes()).toEqual([])
  expect(await caught(other.run(['true']))).toMatchObject({ code: 'ERR_STATE' })
})
