import { cpSync, mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { execa, type Options } from 'execa'
import { findMemoryDirectory, giveTo, unprivilegedAccount, unprivilegedCommand } from '../src/fixture-internals.ts'
import { CleanUpStack } from '../src/kernel/cleanup-stack.ts'
import type { Deadline } from '../src/kernel/deadline.ts'
import { createInstallation, type Installation } from '../test/support/installation.ts'
import { endStrays, expectNoRuns } from './nothing-left.ts'
import { peerLibraries } from './peer-libraries.ts'
import { Program, type Time } from './program.ts'
import { schemaSql } from './schema.ts'

const programs = fileURLToPath(new URL('programs', import.meta.url))

/**
 * The temporary installation in which the bench works: the package as installed for a user, with its own state and
 * cache. Disposal removes the installation.
 */
export class Ground implements AsyncDisposable {
  readonly directory: string
  readonly state: string
  /**
   * Directory in memory for the data of peers, since our data is in memory, too; `undefined` if the machine has no such
   * directory.
   */
  readonly memory: string | undefined
  /** The argv that runs the command. */
  readonly command: readonly [string, string]
  readonly #deadline: Deadline
  readonly #options: {
    readonly cwd: string
    readonly env: NodeJS.ProcessEnv
    readonly extendEnv: false
    readonly detached: true
  }
  #peerEnvironment: NodeJS.ProcessEnv = {}
  readonly #cleanUps = new CleanUpStack()

  private constructor(installation: Installation, deadline: Deadline) {
    const { directory, command } = installation
    this.directory = directory
    this.command = [process.execPath, command]
    this.state = join(directory, 'state')
    this.#deadline = deadline
    const env = { ...foreignEnvironment(), LP_STATE_DIR: this.state, XDG_CACHE_HOME: join(directory, 'cache') }
    this.#options = { cwd: directory, env, extendEnv: false, detached: true }
    this.#cleanUps.add(async () => installation[Symbol.asyncDispose]())
    this.memory = this.#makeMemoryDirectory()
    this.#cleanUps.add(() => endStrays(this.state, [directory, ...(this.memory ? [this.memory] : [])]))
    this.#cleanUps.add(() => expectNoRuns(this.state))
  }

  /** @param deadline limit for all work of the bench */
  static async create(deadline: Deadline): Promise<Ground> {
    const ground = new Ground(await createInstallation(), deadline)
    try {
      ground.#fill()
      return ground
    } catch (thrown) {
      await ground[Symbol.asyncDispose]()
      throw thrown
    }
  }

  /** Runs a command, which must succeed, and returns its duration. */
  time(argv: readonly string[], environment: NodeJS.ProcessEnv = {}): Promise<Time> {
    return this.#time(argv, { ...this.#options, env: { ...this.#options.env, ...environment } })
  }

  /** Runs a program of the peer, which refuses to run as root, and returns the duration. */
  async timePeer(name: string, ...args: readonly string[]): Promise<Time> {
    const { argv, options } = await this.#peer(name, args)
    return this.#time(argv, options)
  }

  /** Starts a program of `bench/programs`. */
  start(name: string, environment: NodeJS.ProcessEnv = {}): Program {
    const env = { ...this.#options.env, ...environment }
    return new Program([process.execPath, join(this.directory, name)], { ...this.#options, env }, this.#deadline)
  }

  /** Starts a program of the peer. */
  async startPeer(name: string): Promise<Program> {
    const { argv, options } = await this.#peer(name, [])
    return new Program(argv, options, this.#deadline)
  }

  /** Makes a new directory for a program of the peer. */
  async lendDirectory(name: string, place = this.directory): Promise<string> {
    const directory = join(place, name)
    mkdirSync(directory)
    giveTo(directory, await unprivilegedAccount())
    return directory
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#cleanUps[Symbol.asyncDispose]()
  }

  #fill(): void {
    mkdirSync(this.state, { mode: 0o700 })
    cpSync(programs, this.directory, { recursive: true })
    writeFileSync(join(this.directory, 'schema.sql'), schemaSql())
    this.#peerEnvironment = peerLibraries(join(this.directory, 'libraries'))
  }

  async #time([file = '', ...args]: readonly string[], options: Options): Promise<Time> {
    const startedAt = performance.now()
    await this.#deadline.race((cancelSignal) => execa(file, args, { ...options, cancelSignal }))
    return { ms: performance.now() - startedAt }
  }

  /**
   * Returns the command line for a program of the peer. As root, the program runs as the unprivileged user of our own
   * servers.
   */
  async #peer(name: string, args: readonly string[]) {
    const { argv, user } = await unprivilegedCommand([process.execPath, join(this.directory, name), ...args])
    const env = { ...this.#options.env, ...this.#peerEnvironment }
    return { argv, options: { ...this.#options, env, ...user } }
  }

  #makeMemoryDirectory(): string | undefined {
    const found = findMemoryDirectory()
    if (!('path' in found)) return undefined
    const directory = mkdtempSync(join(found.path, 'test-services-bench-'))
    this.#cleanUps.add(() => rm(directory, { recursive: true, force: true, maxRetries: 3 }))
    return directory
  }
}

/** Returns our environment without variables that would make the command attach to the caller's services. */
export function foreignEnvironment(): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('LP_')))
}
