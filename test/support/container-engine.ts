import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll } from 'vitest'
import { Engine } from '../../src/container/engine.ts'
import { valueUnless } from '../../src/kernel/value-unless.ts'
import { readProcFile } from '../../src/process/inspect/proc-file.ts'
import { send } from '../../src/process/signals.ts'
import { eventually } from './eventually.ts'

const programs = { podman: 'podman', ldd: 'ldd' } as const

/** What an image is made of. */
export interface ImageContent {
  /** Programs of this machine; their libraries come with them. */
  readonly programs: readonly string[]
  /** Further files and directories. */
  readonly files?: readonly string[]
  /** Other places in the image: `{ '/usr/lib/rabbitmq/lib': '/opt' }`. */
  readonly moved?: Readonly<Record<string, string>>
  /** Instructions as in a Dockerfile: `EXPOSE 6379`. */
  readonly changes?: readonly string[]
}

const tools = ['cat', 'chmod', 'head', 'mkdir', 'mv', 'rm', 'sleep', 'tar', 'tr', 'uname']

/** What the machines of a pool need: a shell, coreutils, and `tar`. */
export const machineImage: ImageContent = {
  programs: ['/bin/sh', '/usr/bin/env', '/usr/bin/setsid', '/usr/bin/busybox', ...tools.map((name) => `/bin/${name}`)],
  changes: ['ENV PATH=/usr/bin:/bin'],
}

/** Runs a command until the pipe on its standard input ends: with this process at the latest. */
const endsWithItsInput = '"$@" </dev/null & pid=$!; read -r end; kill $pid; wait $pid'

/** As pid 1: processes of the container may need a directory for temporary files. */
const sleeps = 'mkdir -p /tmp && exec /bin/sleep 600'

interface ListedContainer {
  readonly Names: readonly string[]
}

/**
 * A Podman with a socket and a storage of its own, and images made of programs of this machine: none can be pulled.
 *
 * `crun` refuses a machine where version 1 and 2 of control groups are mixed, and `runc` limits that only a process with
 * CAP_SYS_RESOURCE may raise.
 */
export class TestEngine {
  readonly #directory = mkdtempSync(join(tmpdir(), 'ts-engine-'))
  readonly #environment: NodeJS.ProcessEnv
  #service: ChildProcess | undefined

  constructor() {
    const [storage, containers] = ['storage.conf', 'containers.conf'].map((name) => join(this.#directory, name))
    const network = join(this.#directory, 'networks')
    mkdirSync(network)
    this.#environment = {
      PATH: `${process.env.PATH}:/usr/sbin`,
      HOME: this.#directory,
      CONTAINERS_STORAGE_CONF: storage,
      CONTAINERS_CONF: containers,
    }
    writeFileSync(
      storage ?? '',
      `[storage]\ndriver = "vfs"\ngraphroot = "${this.#directory}/graph"\nrunroot = "${this.#directory}/run"\n`,
    )
    writeFileSync(
      containers ?? '',
      [
        ...['[containers]', 'default_ulimits = ["nofile=4096:4096", "nproc=4096:4096"]'],
        ...['[engine]', 'runtime = "runc"', 'cgroup_manager = "cgroupfs"', 'events_logger = "file"'],
        ...[`tmp_dir = "${this.#directory}/libpod"`, `[network]`, `network_config_dir = "${network}"`, ''],
      ].join('\n'),
    )
  }

  get socket(): string {
    return join(this.#directory, 'engine.sock')
  }

  get url(): string {
    return `unix://${this.socket}`
  }

  get api(): Engine {
    return new Engine(this.url)
  }

  get #isRunning(): boolean {
    return this.#service !== undefined && this.#service.exitCode === null && this.#service.signalCode === null
  }

  async start(): Promise<void> {
    const argv = [programs.podman, 'system', 'service', '--time', '0', this.url]
    this.#service = spawn('/bin/sh', ['-c', endsWithItsInput, 'sh', ...argv], {
      env: this.#environment,
      stdio: ['pipe', 'ignore', 'ignore'],
    })
    await eventually(
      'the engine answers',
      async () => (await this.api.ask('/_ping').catch(() => undefined)) !== undefined,
    )
  }

  /** Stops the engine; its containers go on. */
  async stop(): Promise<void> {
    if (!this.#isRunning) return
    this.#service?.stdin?.end()
    if (this.#service) await once(this.#service, 'exit')
  }

  /** Makes an image of programs of this machine and their libraries. */
  makeImage(name: string, { programs: contents, files: further = [], moved = {}, changes = [] }: ImageContent): void {
    const needed = contents.flatMap((program) => [program, ...librariesOf(program)])
    // Podman refuses an archive that has a file twice.
    const files = [...needed.filter((file) => !further.some((each) => file.startsWith(`${each}/`))), ...further]
    const archive = join(this.#directory, 'image.tar')
    const moves = Object.entries(moved).map(([from, to]) => `--transform=s,^${from.slice(1)},${to.slice(1)},`)
    execFileSync('tar', [
      '--hard-dereference',
      '-chf',
      archive,
      ...moves,
      '-C',
      '/',
      ...new Set(files.map((file) => file.slice(1))),
    ])
    const options = changes.flatMap((change) => ['--change', change])
    execFileSync(programs.podman, ['import', ...options, archive, name], { env: this.#environment, stdio: 'pipe' })
    rmSync(archive)
  }

  /** Starts a container that sleeps. */
  async startContainer(name: string, image: string, network: 'host' | 'none' = 'host'): Promise<void> {
    const body = { Image: image, Entrypoint: ['/bin/sh', '-c', sleeps], HostConfig: { NetworkMode: network } }
    await this.api.require(`/containers/create?name=${name}`, { method: 'POST', body, limitMs: 60_000 })
    await this.api.require(`/containers/${name}/start`, { method: 'POST', limitMs: 60_000 })
  }

  /** Stops the engine as a debugger does: its socket accepts connections, and nothing answers. */
  pause(): Disposable {
    const pids = pidsNaming(this.socket)
    for (const pid of pids) send(pid, 'SIGSTOP')
    return { [Symbol.dispose]: () => pids.forEach((pid) => void send(pid, 'SIGCONT')) }
  }

  /** Names of all containers, also of those that do not run. */
  async containers(): Promise<string[]> {
    const listed = (await this.api.require('/containers/json?all=1')) as ListedContainer[]
    return listed.flatMap(({ Names: names }) => names.map((name) => name.replace(/^\//, '')))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#isRunning) await this.start()
    for (const name of await this.containers()) await this.api.ask(`/containers/${name}?force=1`, { method: 'DELETE' })
    await this.stop()
    // After each command in a container, a process of Podman waits for five minutes, and then makes the directory again.
    for (const pid of pidsNaming(this.#directory)) send(pid, 'SIGKILL')
    await eventually('the directory is removed', () => {
      valueUnless(['ENOTEMPTY'], () => rmSync(this.#directory, { recursive: true, force: true }))
      return !existsSync(this.#directory)
    })
  }
}

/** Returns the pids of the processes that have a word in their arguments. Processes of containers are seen, too. */
export function pidsNaming(word: string): number[] {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
  return pids.filter((pid) => readProcFile(`/proc/${pid}/cmdline`)?.includes(word)).map(Number)
}

function librariesOf(program: string): string[] {
  // `ldd` fails for a program that needs no libraries.
  const { stdout: output } = spawnSync(programs.ldd, [program], { encoding: 'utf8' })
  return Array.from(output.matchAll(/(?:=> |^\s)(\/\S+)/gm), ([, path = '']) => path)
}

/** Starts an engine for the tests of a file, with these images, and names it in DOCKER_HOST. */
export function useTestEngine(images: Readonly<Record<string, ImageContent>>): TestEngine {
  const engine = new TestEngine()
  const before = process.env.DOCKER_HOST
  process.env.DOCKER_HOST = engine.url
  beforeAll(async () => {
    await engine.start()
    for (const [name, content] of Object.entries(images)) engine.makeImage(name, content)
  })
  afterAll(async () => {
    if (before === undefined) delete process.env.DOCKER_HOST
    else process.env.DOCKER_HOST = before
    await engine[Symbol.asyncDispose]()
  })
  return engine
}
