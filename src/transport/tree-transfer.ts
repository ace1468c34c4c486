import { lstatSync } from 'node:fs'
import { basename, dirname, resolve } from 'node:path'
import { PassThrough } from 'node:stream'
import { randomName } from '../host/secret.ts'
import { asError, CanceledError, CommandError } from '../kernel/errors.ts'
import { describeEnd, type Ended } from '../process/ended.ts'
import { Interruption } from './interruption.ts'
import { tarArchive } from './tar-archive.ts'
import type { RunOptions, TransferOptions, Transport } from './transport.ts'

/** A path on a machine. */
interface Place {
  readonly transport: Transport
  readonly path: string
}

/** Kind of a copy: a directory with its content; `file` for a file, a link, and the rest. */
type Kind = 'directory' | 'file'

interface Copy {
  readonly from: Place
  readonly to: Place
  readonly kind: Kind
  readonly signal: AbortSignal | undefined
}

const copyNameLength = 12
/** How far the sender may be ahead of the receiver: neither side waits for each chunk. */
const bufferBytes = 4 * 1024 * 1024
/** Length of the part of an error output shown in a message. */
const shownLength = 2_000

/**
 * Copies a file or a directory of this machine, as an archive for `tar`. Content is added to an existing directory; a
 * file is replaced once its copy is complete.
 *
 * @throws ERR_COMMAND if a file or directory cannot be read or written; ERR_TRANSPORT; ERR_CANCELED
 */
export async function putFiles(from: string, to: Place, { signal }: TransferOptions): Promise<void> {
  const what = `copying ${from} to ${to.path} of ${to.transport.name}`
  try {
    const path = resolve(from)
    const isDirectory = lstatSync(path).isDirectory()
    const input = tarArchive(path, isDirectory ? '.' : `./${basename(path)}`)
    const receive = receiving(isDirectory ? 'directory' : 'file', path, to.path)
    await succeed(what, (errors) => to.transport.run(receive, { signal, input, ...errors }))
  } catch (thrown) {
    if (!isSystemError(thrown)) throw thrown
    throw new CommandError(`${what}: ${asError(thrown).message}`, undefined, { cause: thrown })
  }
}

/** Whether a file of this machine could not be read. */
function isSystemError(thrown: unknown): boolean {
  return (thrown as NodeJS.ErrnoException | undefined)?.syscall !== undefined
}

/** Copies from a machine to this machine, like `putFiles`. */
export async function getFiles(from: Place, to: Place, { signal }: TransferOptions): Promise<void> {
  const script = '[ -L "$1" ] && exit 1; [ -d "$1" ] && exit 0; [ -e "$1" ] && exit 1; exit 2'
  const { exitCode } = await from.transport.run(['sh', '-c', script, 'sh', from.path], { signal })
  if (exitCode === 2) throw missing(from)
  await copyFiles({ from, to, kind: exitCode === 0 ? 'directory' : 'file', signal })
}

function receiving(kind: Kind, from: string, to: string): string[] {
  const copyName = `.test-services-${randomName(copyNameLength)}`
  return ['sh', '-c', receiveScripts[kind], 'sh', to, dirname(to), basename(from), copyName]
}

function missing({ transport, path }: Place): CommandError {
  return new CommandError(`cannot copy ${path} of ${transport.name}: there is no such file`)
}

const sendScripts: Readonly<Record<Kind, string>> = {
  directory: 'exec tar -cf - -C "$1" .',
  file: 'exec tar -cf - -C "$2" "./$3"',
}

/** Makes GNU `tar` read a whole pipe at once, 64 KiB, instead of 10 KiB. All other kinds of `tar` read as they like. */
const readMuch = 'export TAR_OPTIONS="-b 128 $TAR_OPTIONS"'

/** `tar` keeps modes; the files belong to the user of the command. */
const receiveScripts: Readonly<Record<Kind, string>> = {
  directory: `${readMuch}; mkdir -p -- "$1" && exec tar -xpof - -C "$1"`,
  // A link is removed first, because `mv` would move the copy into the directory named by the link.
  file: `${readMuch}; mkdir -p -- "$2" || exit
if [ -d "$1" ] && [ ! -L "$1" ]; then echo "$1 is a directory" >&2; exit 1; fi
copy=$2/$4; mkdir -- "$copy" || exit
trap 'rm -rf -- "$copy"' EXIT; trap 'exit 1' HUP INT TERM
tar -xpof - -C "$copy" || exit
[ ! -L "$1" ] || rm -f -- "$1"
mv -f -- "$copy/$3" "$1"`,
}

async function copyFiles(copy: Copy): Promise<void> {
  const { from, to, kind, signal } = copy
  const send = ['sh', '-c', sendScripts[kind], 'sh', from.path, dirname(from.path), basename(from.path)]
  const receive = receiving(kind, from.path, to.path)
  const failure = new Interruption()
  const over = new AbortController()
  void failure.happened.then(() => over.abort())
  const options = { signal: AbortSignal.any([over.signal, ...(signal ? [signal] : [])]) }
  const what = `copying ${from.path} of ${from.transport.name} to ${to.path} of ${to.transport.name}`
  const archive = new PassThrough({ highWaterMark: bufferBytes })
  const onStdout = (chunk: Uint8Array): Promise<void> => new Promise((resolve) => archive.write(chunk, () => resolve()))
  const sent = succeed(what, (errors) => from.transport.run(send, { ...options, onStdout, ...errors }))
  const received = succeed(what, (errors) => to.transport.run(receive, { ...options, input: archive, ...errors }))
  await Promise.all([
    sent.catch(failure.report).finally(() => archive.end()),
    received.catch(failure.report).finally(() => archive.destroy()),
  ])
  if (signal?.aborted) throw new CanceledError(what, { cause: signal.reason })
  failure.check()
}

type Run = (options: Pick<RunOptions, 'onStderr'>) => Promise<Ended>

/** @throws ERR_COMMAND with the end of the error output, if the command does not succeed */
async function succeed(what: string, run: Run): Promise<void> {
  let errors = ''
  const onStderr = (chunk: Uint8Array): void => {
    errors = (errors + Buffer.from(chunk).toString()).slice(-shownLength)
  }
  const ended = await run({ onStderr })
  if (ended.exitCode !== 0) throw new CommandError(`${what}: ${describeEnd(ended)}: ${errors.trim()}`)
}
