import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir, userInfo } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll } from 'vitest'
import { proposePort } from '../../src/host/port.ts'
import { readProcessTable, withDescendants } from '../../src/process/inspect/process-table.ts'
import { unlessUnreadable } from '../../src/process/inspect/unless-unreadable.ts'
import { send } from '../../src/process/signals.ts'
import type { SshOptions } from '../../src/transport/ssh/ssh-options.ts'
import { eventually } from './eventually.ts'

export interface SshServerOptions {
  /** Lines added to the configuration of sshd: `MaxSessions 3`. */
  readonly settings?: readonly string[]
  /** Content that sshd and its sessions see in files below `/etc`, by path. Only root can give a process such a view. */
  readonly files?: Readonly<Record<string, string>>
}

/** An sshd on 127.0.0.1 into which the present user can log in with a key. */
export interface SshServer extends AsyncDisposable {
  readonly port: number
  /** Options with which `ssh()` reaches the server. */
  readonly options: Required<Pick<SshOptions, 'host' | 'port' | 'user' | 'key' | 'knownHosts' | 'agent'>>
  /** Holds the keys and the configuration. */
  readonly directory: string
  /** Options with which `ssh` of OpenSSH reaches the server. */
  readonly clientOptions: readonly string[]
  /** What sshd has logged. */
  log(): string
  /** Pids of the processes of sshd that serve its connections. */
  connections(): number[]
  /** Pids of what sshd has started and not lost: shells, commands, keepers. */
  commands(): number[]
  /** Starts sshd, again after `stop`, on the same port with the same keys. */
  start(): Promise<void>
  /** Kills sshd and the processes of its connections, as a reboot of the machine does. */
  stop(): Promise<void>
}

/** Starts an sshd of the test's own, with keys made for it. The caller stops it, by `await using` for example. */
export async function startSshServer({ settings = [], files = {} }: SshServerOptions = {}): Promise<SshServer> {
  const directory = mkdtempSync(join(tmpdir(), 'ts-sshd-'))
  const port = await proposePort()
  const daemon = new SshDaemon(directory, { port, settings, view: viewOf(directory, files) })
  await daemon.start()
  const { username: user } = userInfo()
  const [key, knownHosts] = [join(directory, 'key'), join(directory, 'known_hosts')]
  return {
    port,
    options: { host: '127.0.0.1', port, user, key, knownHosts, agent: false },
    directory,
    clientOptions: [
      ...['-F', 'none', '-p', `${port}`, '-i', key, '-l', user],
      ...['-o', `UserKnownHostsFile=${knownHosts}`, '-o', 'BatchMode=yes'],
    ],
    log: () => readFileSync(join(directory, 'log'), 'utf8'),
    connections: () => daemon.descendants.filter(isSshd),
    commands: () => daemon.descendants.filter((pid) => !isSshd(pid)),
    start: () => daemon.start(),
    stop: () => daemon.stop(),
    [Symbol.asyncDispose]: async () => {
      await daemon.stop()
      rmSync(directory, { recursive: true, force: true })
    },
  }
}

/** Starts an sshd for the tests of a file. The server is there from the first test on. */
export function useSshServer(options?: SshServerOptions): () => SshServer {
  let server: SshServer | undefined
  beforeAll(async () => {
    server = await startSshServer(options)
  })
  afterAll(() => server?.[Symbol.asyncDispose]())
  return () => server as SshServer
}

/** Makes a home directory whose `.ssh` reaches the server without options; removed with the server. Returns its path. */
export function makeHome({ directory }: SshServer): string {
  const home = join(directory, 'home')
  mkdirSync(join(home, '.ssh'), { recursive: true })
  copyFileSync(join(directory, 'key'), join(home, '.ssh/id_ed25519'))
  copyFileSync(join(directory, 'known_hosts'), join(home, '.ssh/known_hosts'))
  return home
}

/**
 * Returns a command line that runs a command with a copy of `/etc` that has the given files. A file alone cannot be
 * mounted: its mount ends as soon as somebody replaces the file, as `useradd` does.
 */
function viewOf(directory: string, files: Readonly<Record<string, string>>): string[] {
  const [own, whole] = [join(directory, 'view'), join(directory, 'etc')]
  if (Object.keys(files).length === 0) return []
  mkdirSync(whole)
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(own, path)), { recursive: true })
    writeFileSync(join(own, path), content)
  }
  const steps = ['mount -t tmpfs tmpfs "$0"', 'cp -a /etc/. "$0"', 'cp -r "$1"/etc/. "$0"', 'mount --bind "$0" /etc']
  const script = [...steps, 'shift', 'exec "$@"'].join(' && ')
  return ['/usr/bin/unshare', '--mount', '/bin/sh', '-c', script, whole, own]
}

interface SshDaemonParts {
  readonly port: number
  readonly settings: readonly string[]
  /** Command line that runs sshd. */
  readonly view: readonly string[]
}

class SshDaemon {
  readonly #directory: string
  readonly #port: number
  readonly #view: readonly string[]
  #process: ChildProcess | undefined

  constructor(directory: string, { port, settings, view }: SshDaemonParts) {
    this.#directory = directory
    this.#port = port
    this.#view = view
    const [key, hostKey] = [makeKey(join(directory, 'key')), makeKey(join(directory, 'host_key'))]
    copyFileSync(`${key}.pub`, join(directory, 'authorized_keys'))
    writeFileSync(join(directory, 'known_hosts'), `[127.0.0.1]:${port} ${readFileSync(`${hostKey}.pub`, 'utf8')}`)
    // The first value of a setting counts.
    writeFileSync(join(directory, 'config'), `${[...settings, ...settingsOf(directory, port)].join('\n')}\n`)
    // sshd of root refuses to start without this directory, which its package makes at boot.
    if (process.getuid?.() === 0) mkdirSync('/run/sshd', { recursive: true, mode: 0o755 })
  }

  get descendants(): number[] {
    const { pid } = this.#process ?? {}
    return pid === undefined ? [] : [...withDescendants([pid], readProcessTable())].filter((one) => one !== pid)
  }

  async start(): Promise<void> {
    const files = ['-E', join(this.#directory, 'log'), '-f', join(this.#directory, 'config')]
    const [program = '', ...args] = [...this.#view, '/usr/sbin/sshd', '-D', ...files]
    this.#process = spawn(program, args, { stdio: 'ignore' })
    await eventually('sshd accepts connections', () => isOpen(this.#port))
  }

  async stop(): Promise<void> {
    const { pid, exitCode, signalCode } = this.#process ?? {}
    if (!this.#process || pid === undefined || exitCode !== null || signalCode !== null) return
    const exited = once(this.#process, 'exit')
    for (const one of [pid, ...this.descendants.filter(isSshd)]) send(one, 'SIGKILL')
    await exited
  }
}

function isSshd(pid: number): boolean {
  const name = unlessUnreadable(() => readFileSync(`/proc/${pid}/comm`, 'utf8')) ?? ''
  return name.startsWith('sshd')
}

async function isOpen(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1')
  const connected = await once(socket, 'connect').then(
    () => true,
    () => false,
  )
  socket.destroy()
  return connected
}

/** Makes a key, and returns its path. */
export function makeKey(path: string, passphrase = ''): string {
  execFileSync('/usr/bin/ssh-keygen', ['-q', '-t', 'ed25519', '-N', passphrase, '-C', 'test', '-f', path])
  return path
}

function settingsOf(directory: string, port: number): string[] {
  return [
    `Port ${port}`,
    'ListenAddress 127.0.0.1',
    `HostKey ${directory}/host_key`,
    `AuthorizedKeysFile ${directory}/authorized_keys`,
    'PidFile none',
    // Everybody may write to the directory of temporary files, above the keys.
    'StrictModes no',
    'UsePAM no',
    'PermitRootLogin yes',
    'PasswordAuthentication no',
    'KbdInteractiveAuthentication no',
    'UseDNS no',
    'LogLevel VERBOSE',
    'Subsystem sftp internal-sftp',
  ]
}
