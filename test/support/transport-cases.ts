import { createHash, type Hash } from 'node:crypto'
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { identify, isAlive } from '../../src/process/inspect/identity.ts'
import type { RunOptions, Transport } from '../../src/transport/transport.ts'
import { caught } from './caught.ts'
import { eventually } from './eventually.ts'
import { oddArguments } from './odd-arguments.ts'
import { programArgv } from './program.ts'
import { readPid } from './read-pid.ts'

/** A transport to a machine that sees the files of this one. */
export interface TestedTransport {
  readonly transport: Transport
  /** An empty directory. */
  readonly directory: string
}

/** Runs a command, and returns its output with its end. */
export async function outputOf(transport: Transport, argv: readonly string[], options: RunOptions = {}) {
  const chunks: Uint8Array[] = []
  const ended = await transport.run(argv, { ...options, onOutput: (chunk) => void chunks.push(chunk) })
  return { ...ended, output: Buffer.concat(chunks).toString() }
}

/** Returns an input whose chunks lie in the same memory. @param hash gets the chunks, too */
export async function* chunksInOneMemory(hash: Hash): AsyncGenerator<Uint8Array> {
  const chunk = Buffer.alloc(100_000)
  for (let number = 0; number < 50; number++) {
    hash.update(chunk.fill(number))
    yield chunk
  }
}

/** What every transport promises. */
export function transportCases(tested: () => TestedTransport): void {
  test('arguments arrive as they are', async () => {
    const script = 'process.stdout.write(JSON.stringify(process.argv.slice(1)))'
    const { output } = await outputOf(tested().transport, [process.execPath, '-e', script, '--', ...oddArguments])
    expect(JSON.parse(output)).toEqual(oddArguments)
  })

  test('exit status and signal are told apart', async () => {
    const { transport } = tested()
    const scripts = ['exit 0', 'exit 3', 'exit 137', 'kill -KILL $$', 'kill -TERM $$']
    const ended = await Promise.all(scripts.map((script) => transport.run(['sh', '-c', `ulimit -c 0; ${script}`])))
    expect(ended).toEqual([
      { exitCode: 0, signal: null },
      { exitCode: 3, signal: null },
      { exitCode: 137, signal: null },
      { exitCode: null, signal: 'SIGKILL' },
      { exitCode: null, signal: 'SIGTERM' },
    ])
  })

  test('both outputs arrive merged, in their order', async () => {
    const script = 'for i in 1 2 3 4 5 6 7 8; do echo out $i; echo err $i >&2; done'
    const { output } = await outputOf(tested().transport, ['sh', '-c', script])
    expect(output).toBe([1, 2, 3, 4, 5, 6, 7, 8].map((n) => `out ${n}\nerr ${n}\n`).join(''))
  })

  test('both outputs arrive apart', async () => {
    const out: Uint8Array[] = []
    const err: Uint8Array[] = []
    await tested().transport.run(['sh', '-c', 'echo out; echo err >&2'], {
      onStdout: (chunk) => void out.push(chunk),
      onStderr: (chunk) => void err.push(chunk),
    })
    expect([out, err].map((chunks) => Buffer.concat(chunks).toString())).toEqual(['out\n', 'err\n'])
  })

  test('a command waits while its output is not taken', async () => {
    const { transport, directory } = tested()
    const file = join(directory, 'all-written')
    let bytes = 0
    let wasBlocked = false
    const onOutput = async (chunk: Uint8Array): Promise<void> => {
      if (bytes === 0) {
        await transport.run(['sleep', '0.3'])
        wasBlocked = !existsSync(file)
      }
      bytes += chunk.length
    }
    await transport.run(['sh', '-c', 'head -c 16000000 /dev/zero; echo > "$1"', 'sh', file], { onOutput })
    expect({ bytes, wasBlocked }).toEqual({ bytes: 16_000_000, wasBlocked: true })
  })

  test('input arrives, and its end', async () => {
    const { transport } = tested()
    async function* pieces(): AsyncGenerator<Uint8Array> {
      yield Buffer.from('a\0')
      yield Buffer.from('b\n')
    }
    const argv = ['od', '-An', '-c']
    const outputs = [
      await outputOf(transport, argv, { input: 'x' }),
      await outputOf(transport, argv, { input: pieces() }),
    ]
    expect(outputs.map(({ output }) => output.trim().split(/ +/))).toEqual([['x'], ['a', '\\0', 'b', '\\n']])
  })

  test('the chunks of an input may lie in the same memory', async () => {
    const hash = createHash('sha256')
    const { output } = await outputOf(tested().transport, ['sha256sum'], { input: chunksInOneMemory(hash) })
    expect(output).toContain(hash.digest('hex'))
  })

  test('without input, a command reads the end', async () => {
    expect(await outputOf(tested().transport, ['cat'])).toEqual({ exitCode: 0, signal: null, output: '' })
  })

  test('an input that is not read is no failure', async () => {
    const input = Buffer.alloc(8_000_000)
    expect(await tested().transport.run(['true'], { input })).toEqual({ exitCode: 0, signal: null })
  })

  test('an error of the input is thrown, and ends the command', async () => {
    async function* broken(): AsyncGenerator<Uint8Array> {
      yield Buffer.from('a')
      throw new Error('the source is broken')
    }
    await expect(tested().transport.run(['cat'], { input: broken() })).rejects.toThrow('the source is broken')
  })

  test('an error of a sink is thrown, and ends the command', async () => {
    const onOutput = (): never => {
      throw new Error('the disk is full')
    }
    await expect(tested().transport.run(['yes'], { onOutput })).rejects.toThrow('the disk is full')
  })

  test('the control descriptor is apart from the output', async () => {
    const control: Uint8Array[] = []
    const script = 'echo out; echo err >&2; eval "echo noop >&$ATEX_TEST_CONTROL"'
    const { output } = await outputOf(tested().transport, ['sh', '-c', script], {
      control: { variable: 'ATEX_TEST_CONTROL', onData: (chunk) => void control.push(chunk) },
    })
    expect([output, Buffer.concat(control).toString()]).toEqual(['out\nerr\n', 'noop\n'])
  })

  test('variables and the directory are those that were given', async () => {
    const { transport, directory } = tested()
    const odd = join(directory, "it's a\ndirectory")
    mkdirSync(odd)
    const value = `'"$HOME\\\n`
    const script = 'process.stdout.write(JSON.stringify([process.cwd(), process.env.ODD, !!process.env.PATH]))'
    const options = { directory: odd, environment: { ODD: value } }
    const { output } = await outputOf(transport, [process.execPath, '-e', script], options)
    expect(JSON.parse(output)).toEqual([odd, value, true])
  })

  test('a program that is missing has an error of its own', async () => {
    const error = await caught(tested().transport.run(['no-such-program-anywhere']))
    expect(error).toMatchObject({ code: 'ERR_MISSING_BINARY', message: expect.stringContaining('no-such-program') })
  })

  test('a directory that is missing has an error of its own', async () => {
    const error = await caught(tested().transport.run(['true'], { directory: '/no/such/directory' }))
    expect(error).toMatchObject({ code: 'ERR_COMMAND', message: expect.stringContaining('/no/such/directory') })
  })

  test('a daemon ends with its command', async () => {
    const { transport, directory } = tested()
    const file = join(directory, 'daemon')
    const { output } = await outputOf(transport, [...programArgv('double-forks.sh', 'session', file), '0'])
    const daemon = identify(readPid(file) ?? -1)
    expect([output, daemon !== undefined && isAlive(daemon)]).toEqual(['ready\n', false])
  })

  test('a process that holds the output open does not keep its command', async () => {
    const { output } = await outputOf(tested().transport, programArgv('holds-output.sh'))
    expect(output).toBe('gone\n')
  })

  test('a canceled command gets SIGTERM, and ends in its own way', async () => {
    const { transport } = tested()
    const canceling = new AbortController()
    let output = ''
    const onOutput = (chunk: Uint8Array): void => {
      output += Buffer.from(chunk)
      canceling.abort()
    }
    const script = 'trap "echo ended; exit" TERM; echo ready; while :; do sleep 0.01; done'
    const error = await caught(transport.run(['sh', '-c', script], { signal: canceling.signal, onOutput }))
    expect([error, output]).toMatchObject([{ code: 'ERR_CANCELED' }, expect.stringMatching(/ended\n$/)])
  })

  test('a canceled command that ignores SIGTERM is killed, and its daemon', async () => {
    const { transport, directory } = tested()
    const file = join(directory, 'canceled')
    const canceling = new AbortController()
    const script = `"$@" && exec "${programArgv('ignores-sigterm.sh')[0]}"`
    const daemon = programArgv('double-forks.sh', 'session', file, '0')
    const running = transport.run(['sh', '-c', `echo $$ > "$0.main"; ${script}`, file, ...daemon], {
      signal: canceling.signal,
      graceMs: 50,
      onOutput: () => {},
    })
    const pids = await eventually('both run', () => {
      const found = [readPid(file), readPid(`${file}.main`)]
      return found.every(Boolean) && found
    })
    const processes = pids.map((pid) => identify(pid ?? -1))
    canceling.abort()
    expect([await caught(running), processes.filter((one) => one && isAlive(one))]).toMatchObject([
      { code: 'ERR_CANCELED' },
      [],
    ])
  })

  test('a command is not begun if it was canceled before', async () => {
    const { transport, directory } = tested()
    const file = join(directory, 'not-begun')
    const error = await caught(transport.run(['touch', file], { signal: AbortSignal.abort() }))
    expect([error, existsSync(file)]).toMatchObject([{ code: 'ERR_CANCELED' }, false])
  })

  test('put and get keep modes, links, empty directories and odd names', async () => {
    const { transport, directory } = tested()
    const from = makeTree(join(directory, 'tree'))
    const there = join(directory, 'new', 'parent', "it's there")
    const back = join(directory, 'back')
    await transport.put(from, there)
    await transport.get(there, back)
    expect([describeTree(there), describeTree(back)]).toEqual([describeTree(from), describeTree(from)])
  })

  test('put copies a file to the given name, over a file or a link', async () => {
    const { transport, directory } = tested()
    const [from, other, to] = ['-source', 'other', 'target'].map((name) => join(directory, name)) as [
      string,
      string,
      string,
    ]
    writeFileSync(from, 'new', { mode: 0o640 })
    writeFileSync(other, 'other')
    symlinkSync(other, to)
    await transport.put(from, to)
    const { mode } = lstatSync(to)
    const contents = [to, other].map((path) => readFileSync(path, 'utf8'))
    expect([...contents, mode & 0o777, lstatSync(to).isFile()]).toEqual(['new', 'other', 0o640, true])
    expect(readdirSync(directory).filter((name) => name.startsWith('.test-services'))).toEqual([])
  })

  test('put adds to a directory that exists, and get a link as a link', async () => {
    const { transport, directory } = tested()
    const [from, to, link] = ['added', 'into', 'a-link'].map((name) => join(directory, name)) as [
      string,
      string,
      string,
    ]
    for (const [path, file] of [
      [from, 'new'],
      [to, 'old'],
    ] as const) {
      mkdirSync(path)
      writeFileSync(join(path, file), file)
    }
    symlinkSync('into', link)
    await transport.put(from, to)
    await transport.get(link, `${link}-2`)
    expect([readdirSync(to).sort(), readlinkSync(`${link}-2`)]).toEqual([['new', 'old'], 'into'])
  })

  test('a file that is missing, or cannot be written, is no failure of the transport', async () => {
    const { transport, directory } = tested()
    const file = join(directory, 'a-file')
    writeFileSync(file, '')
    const errors = [
      await caught(transport.put(join(directory, 'missing'), file)),
      await caught(transport.get(join(directory, 'missing'), file)),
      await caught(transport.put(file, join(file, 'below'))),
      await caught(transport.get(file, directory)),
    ]
    expect(errors).toMatchObject(Array(4).fill({ code: 'ERR_COMMAND' }))
  })
}

function makeTree(path: string): string {
  mkdirSync(join(path, 'empty'), { recursive: true })
  mkdirSync(join(path, 'closed'))
  writeFileSync(join(path, 'closed', 'file'), 'x'.repeat(100_000))
  writeFileSync(join(path, '-o dd\'\n"$x *ä'), 'odd', { mode: 0o755 })
  writeFileSync(join(path, `long-${'n'.repeat(200)}`), 'long')
  chmodSync(join(path, 'closed'), 0o750)
  symlinkSync('empty', join(path, 'link'))
  symlinkSync('/nowhere', join(path, 'dangling'))
  chmodSync(path, 0o2711)
  return path
}

/** Each path below with its kind, mode, and content. */
function describeTree(path: string): string[] {
  const names = readdirSync(path, { recursive: true, encoding: 'utf8' })
  return ['.', ...names.sort()].map((name) => {
    const at = join(path, name)
    const stat = lstatSync(at)
    if (stat.isSymbolicLink()) return `${name} -> ${readlinkSync(at)}`
    return `${name} ${stat.mode.toString(8)} ${stat.isFile() ? readFileSync(at, 'utf8') : ''}`
  })
}
