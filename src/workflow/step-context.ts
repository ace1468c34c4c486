import { readFile } from 'node:fs/promises'
import { constants } from 'node:os'
import { resolve } from 'node:path'
import { Deadline } from '../kernel/deadline.ts'
import { asError, ConfigError, hasCode, StateError } from '../kernel/errors.ts'
import { createSharedAbort } from '../kernel/shared-abort.ts'
import { timedStep } from '../kernel/timed-step.ts'
import { unlessAborted } from '../kernel/unless-aborted.ts'
import type { Ended } from '../process/ended.ts'
import type { Transport } from '../transport/transport.ts'
import { missingValue } from './config/missing-value.ts'
import type { WorkflowConfig } from './config/workflow-config.ts'
import type { Step } from './document/workflow.ts'
import type { CommandRecord } from './output/command-record.ts'
import type { StepOutput } from './output/step-output.ts'
import { checkCommand, checkPath, checkServiceNames } from './script/check-call.ts'
import { describeCommand } from './script/describe-command.ts'
import type { CommandOptions, CommandResult, ServicesOptions, WorkflowContext } from './script/script.ts'
import type { Transports } from './transports.ts'
import type { FailedCommand, WorkflowEvent } from './workflow-event.ts'
import type { WorkflowServices } from './workflow-services.ts'

/** What all steps of a run share. */
export interface RunParts {
  readonly config: WorkflowConfig
  /** Directory of the workflow file. */
  readonly directory: string
  /** Output directory. */
  readonly output: string
  readonly transports: Transports
  readonly services: WorkflowServices
  readonly defaultTransport: string
  readonly onEvent: (event: WorkflowEvent) => void
}

/** The context of one step. */
export class StepContext implements WorkflowContext {
  readonly step: string
  readonly directory: string
  readonly output: string
  /** A command that did not succeed, since the last call of the script. */
  failed: FailedCommand | undefined
  /** Error of services that did not start. */
  serviceError: unknown
  readonly #parts: RunParts
  readonly #step: Step
  readonly #record: StepOutput
  readonly #abort = createSharedAbort()
  /** Work under way, each with a description. */
  readonly #running = new Map<Promise<unknown>, () => string>()
  #isOver = false

  constructor(parts: RunParts, step: Step, record: StepOutput) {
    this.step = step.name
    this.directory = parts.directory
    this.output = parts.output
    this.#parts = parts
    this.#step = step
    this.#record = record
  }

  /** Whether the step runs the code of a script. */
  get isScript(): boolean {
    return 'uses' in this.#step
  }

  get signal(): AbortSignal {
    return this.#abort.signal
  }

  get artifacts(): string {
    return this.#record.artifacts
  }

  run(command: string | readonly string[], options: CommandOptions = {}): Promise<CommandResult> {
    return this.#hold(
      () => describeCommand(command),
      () => this.#run(command, options),
    )
  }

  put(from: string, to: string, options: Pick<CommandOptions, 'transport'> = {}): Promise<void> {
    return this.#hold(
      () => `put ${from}`,
      async () => (await this.#transport(options)).put(resolve(this.directory, from), to, { signal: this.signal }),
    )
  }

  get(from: string, to: string, options: Pick<CommandOptions, 'transport'> = {}): Promise<void> {
    return this.#hold(
      () => `get ${from}`,
      async () => (await this.#transport(options)).get(from, resolve(this.directory, to), { signal: this.signal }),
    )
  }

  config(path: string): unknown {
    checkPath(path)
    const value = this.#parts.config.value(path)
    if (value === undefined) throw new ConfigError(missingValue(path, this.#parts.config))
    return value
  }

  services(names: readonly string[], options: ServicesOptions = {}): Promise<void> {
    return this.#hold(
      () => 'services',
      () => this.#startServices(names, options),
    )
  }

  log(text: string): void {
    this.#record.log(text)
    this.#parts.onEvent({ type: 'log', step: this.step, text })
  }

  /** Ends the commands of the step. */
  cancel(reason: Error): void {
    this.#abort.abort(reason)
  }

  /** Waits for commands that nobody waits for, after telling them to end. No command begins any more. */
  async end(): Promise<void> {
    this.#isOver = true
    const [first] = this.#running.values()
    if (first)
      this.cancel(new StateError(`the step ${this.step} ended while ${first()} was running: await every command`))
    await Promise.allSettled(this.#running.keys())
  }

  async #startServices(names: readonly string[], options: ServicesOptions): Promise<void> {
    checkServiceNames(names)
    try {
      await this.#parts.services.start(names, { ...options, signal: this.signal })
      this.log(`services are ready: ${names.join(', ')}`)
    } catch (thrown) {
      this.serviceError = thrown
      throw thrown
    }
  }

  async #hold<T>(what: () => string, work: () => Promise<T>): Promise<T> {
    if (this.#isOver) throw new StateError(`the step ${this.step} has ended: await every command`)
    // A script that goes on after a failure tolerates the failure.
    this.failed = undefined
    const running = work()
    this.#running.set(running, what)
    try {
      return await running
    } finally {
      this.#running.delete(running)
    }
  }

  /** Waits for a transport until the step is canceled. The opening goes on for later steps. */
  #transport({ transport }: Pick<CommandOptions, 'transport'>): Promise<Transport> {
    return unlessAborted(this.#parts.transports.get(this.#nameOf(transport)), this.signal)
  }

  #nameOf(transport: string | undefined): string {
    return transport ?? this.#step.transport ?? this.#parts.defaultTransport
  }

  async #run(command: string | readonly string[], options: CommandOptions): Promise<CommandResult> {
    checkCommand(command)
    const transport = this.#nameOf(options.transport)
    const directory = options.directory ?? this.#step.directory
    const record = this.#record.beginCommand({ command, transport, directory })
    this.#parts.onEvent({ type: 'command', step: this.step, command, transport })
    const call = { command, options: { ...options, transport, directory } }
    const ended = await this.#limited(record, call).catch((thrown) => {
      if (!this.#isOver) this.failed = { command, file: record.file }
      const isCanceled = hasCode(thrown, 'ERR_CANCELED')
      record.end({
        done: false,
        error: isCanceled ? `${describeCommand(command)} was canceled` : asError(thrown).message,
      })
      throw thrown
    })
    const end = endOf(ended)
    record.end({ ...end, done: true })
    if (end.exitCode !== 0) this.failed = { command, file: record.file }
    return { ...end, file: record.file, output: () => readFile(record.file, 'utf8') }
  }

  /** Runs a command within its own limit. */
  #limited(record: CommandRecord, call: CommandCall): Promise<Ended> {
    const { timeoutMs } = call.options
    if (timeoutMs === undefined) return this.#start(record, call, this.signal)
    const deadline = new Deadline(describeCommand(call.command), timeoutMs, this.signal)
    return timedStep(describeCommand(call.command), deadline, (signal) => this.#start(record, call, signal))
  }

  async #machine(name: string): Promise<Machine> {
    const transport = await this.#parts.transports.get(name)
    return { transport, services: await this.#parts.services.variablesOn(name) }
  }

  async #start(record: CommandRecord, { command, options }: CommandCall, signal: AbortSignal): Promise<Ended> {
    const { transport, services } = await unlessAborted(this.#machine(options.transport), signal)
    return transport.run(typeof command === 'string' ? ['sh', '-c', command] : command, {
      environment: { ...services, ...this.#step.environment, ...options.environment },
      directory: options.directory,
      signal,
      onOutput: (chunk) => {
        record.write(chunk)
        this.#parts.onEvent({ type: 'output', step: this.step, chunk })
      },
    })
  }
}

interface Machine {
  readonly transport: Transport
  /** Variables of the services, for the machine. */
  readonly services: Readonly<Record<string, string>>
}

interface CommandCall {
  readonly command: string | readonly string[]
  readonly options: CommandOptions & { readonly transport: string }
}

const signalBase = 128

function endOf({ exitCode, signal }: Ended): { exitCode: number; signal?: NodeJS.Signals } {
  if (signal === null) return { exitCode: exitCode ?? 1 }
  return { exitCode: signalBase + (constants.signals[signal] ?? 0), signal }
}
