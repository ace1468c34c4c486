import { readdir } from 'node:fs/promises'
import { join, posix } from 'node:path'
import type { Plan, PlanStep } from '../../fmf/plan.ts'
import { asError, CommandError, ConfigError, combineErrors } from '../../kernel/errors.ts'
import { describeEnd } from '../../process/ended.ts'
import type { Machine } from '../machines/machine.ts'
import { installCommand, scriptCommand } from './fmf-scripts.ts'

/** A tree, and the steps of the plan for each machine. Survives JSON. */
export interface FmfSource {
  /** Directory with `.fmf`, on the host of the pool. */
  readonly root: string
  readonly plan: Omit<Plan, 'discover'>
  /** Whether missing packages are installed on the host of the pool, too. On other machines, they always are. */
  readonly install: boolean
}

/** A command on the machine of an FMF test. */
export interface FmfCommand {
  readonly argv: readonly string[]
  /** For the message of a failure: `prepare of /plans/smoke`. */
  readonly what: string
  readonly input?: string | undefined
  readonly signal?: AbortSignal | undefined
}

/** Longest output of a failed command in the error, in characters. */
const shownOutput = 2_000

const gitDirectory = '.git'

/** A tree on a machine, with the plan's preparation done. */
export class FmfMachine {
  readonly #machine: Machine
  readonly #source: FmfSource
  readonly #base: string
  #tests = 0

  constructor(machine: Machine, source: FmfSource, base: string) {
    this.#machine = machine
    this.#source = source
    this.#base = base
  }

  get tree(): string {
    return posix.join(this.#base, 'tree')
  }

  /** Variables of all scripts and tests of the plan. */
  get environment(): Readonly<Record<string, string>> {
    return {
      ...this.#source.plan.environment,
      TMT_TREE: this.tree,
      TMT_PLAN_ENVIRONMENT_FILE: posix.join(this.#base, 'plan-environment'),
    }
  }

  /** Returns the path of a directory for a run of a test. */
  testDirectory(): string {
    return posix.join(this.#base, `test-${++this.#tests}`)
  }

  /** Puts the tree on the machine, and runs `prepare`. */
  async setUp(signal: AbortSignal): Promise<void> {
    const { plan } = this.#source
    const begin = 'rm -rf "$1" && mkdir -p "$1/tree" && : > "$1/plan-environment"'
    await this.run({ argv: ['sh', '-c', begin, 'sh', this.#base], what: 'set-up of the tree', signal }, '/')
    await this.#putTree(signal)
    for (const step of plan.prepare) await this.#do(step, `prepare of ${plan.name}`, signal)
  }

  /** Leaves out the directory of git, possibly the largest part of the tree. */
  async #putTree(signal: AbortSignal): Promise<void> {
    const { root } = this.#source
    const { transport } = this.#machine
    const names = await readdir(root)
    if (!names.includes(gitDirectory)) return transport.put(root, this.tree, { signal })
    for (const name of names) {
      if (name !== gitDirectory) await transport.put(join(root, name), posix.join(this.tree, name), { signal })
    }
  }

  /** Runs all of `finish`. @throws the first error, after the last script */
  async finish(signal: AbortSignal): Promise<void> {
    const { finish, name } = this.#source.plan
    const errors: Error[] = []
    for (const step of finish) {
      await this.#do(step, `finish of ${name}`, signal).catch((thrown) => errors.push(asError(thrown)))
    }
    if (errors.length > 0) throw combineErrors(errors)
  }

  /** Runs a command in the tree, and returns the end of the output. @throws ERR_COMMAND if the command fails */
  async run({ argv, what, input, signal }: FmfCommand, directory = this.tree): Promise<string> {
    let output = ''
    const decoder = new TextDecoder()
    const { environment } = this
    const ended = await this.#machine.transport.run(argv, {
      environment,
      directory,
      input,
      signal,
      onOutput: (chunk) => {
        output = (output + decoder.decode(chunk, { stream: true })).slice(-shownOutput)
      },
    })
    if (ended.exitCode === 0) return output
    const message = `${what} failed on ${this.#machine.name}: ${describeEnd(ended)}\n${output.trimEnd()}`
    throw new CommandError(message.trimEnd(), ended.exitCode ?? undefined)
  }

  /**
   * Installs missing packages. Optional packages may fail. On the host of the pool, packages are installed only if the
   * user says so.
   *
   * @throws ERR_CONFIG if the host of the pool lacks a required package; ERR_COMMAND if the installation fails
   */
  async install(packages: readonly string[], { isOptional, ...command }: InstallOptions): Promise<void> {
    if (packages.length === 0) return
    if (this.#source.install || this.#machine.transport.name !== 'local')
      await this.run({ ...command, argv: installCommand(packages, isOptional ? 'optional' : 'required') })
    else if (!isOptional) await this.#refuseMissing(packages, command)
  }

  async #refuseMissing(packages: readonly string[], command: Omit<InstallOptions, 'isOptional'>): Promise<void> {
    const missing = (await this.run({ ...command, argv: installCommand(packages, 'missing') })).trim()
    if (missing === '') return
    throw new ConfigError(
      `${command.what}: this host lacks required packages: ${missing}. Install them, or let the pool install them: ` +
        'pool run --install, or fmfTests({ install: true })',
    )
  }

  async #do(step: PlanStep, what: string, signal: AbortSignal): Promise<void> {
    if ('script' in step) await this.run({ argv: scriptCommand(step.script), what, signal })
    else await this.install(step.packages, { isOptional: step.isOptional, what, signal })
  }
}

interface InstallOptions extends Pick<FmfCommand, 'what' | 'signal'> {
  readonly isOptional: boolean
}

/** Prepared trees of each machine, by tree and plan. */
const prepared = new WeakMap<Machine, Map<string, Promise<FmfMachine>>>()

/** Puts a tree on a machine and runs the plan's `prepare`, unless already done. A failure is not remembered. */
export function fmfMachine(machine: Machine, source: FmfSource, signal: AbortSignal): Promise<FmfMachine> {
  const all = prepared.get(machine) ?? new Map<string, Promise<FmfMachine>>()
  prepared.set(machine, all)
  const key = keyOf(source)
  const known = all.get(key)
  if (known) return known
  const made = setUp(new FmfMachine(machine, source, posix.join(machine.directory, `fmf-${all.size + 1}`)), signal)
  all.set(key, made)
  made.catch(() => all.delete(key))
  return made
}

async function setUp(machine: FmfMachine, signal: AbortSignal): Promise<FmfMachine> {
  await machine.setUp(signal)
  return machine
}

/** Runs the plan's `finish` on a machine with a prepared tree. */
export async function finishFmf(machine: Machine, source: FmfSource, signal: AbortSignal): Promise<void> {
  const found = await prepared.get(machine)?.get(keyOf(source))
  await found?.finish(signal)
}

function keyOf({ root, plan }: FmfSource): string {
  return JSON.stringify([root, plan.name])
}
