import { Duplex, PassThrough } from 'node:stream'
import { Deadline, settlesWithin } from '../../kernel/deadline.ts'
import { asError, hasCode, ServiceError } from '../../kernel/errors.ts'
import { lazy } from '../../kernel/lazy.ts'
import { LineChannel } from '../../kernel/line-channel.ts'
import type { ServiceStart } from '../../session/service-start.ts'
import type { Machine } from '../machines/machine.ts'
import type { MachineServices } from './machine-services.ts'
import { channelVariable, type ServicesRequest, type StartedThere } from './services-request.ts'

/** How to run the program with the services on a machine. */
export interface ServicesProgram {
  readonly argv: readonly string[]
  readonly environment: Readonly<Record<string, string>>
  readonly directory: string
  readonly request: ServicesRequest
}

const defaultLimitMs = 60_000
/** Time for the services of a machine to stop. */
const closeLimitMs = 20_000
/** Time in which the end of a program is known after its channel has closed. */
const endLimitMs = 5_000
const shownLength = 4_000

/** Services of a program on a remote machine. The program and the services end with the connection. */
export class RemoteServices implements MachineServices {
  readonly #machine: Machine
  readonly #program: ServicesProgram
  readonly #channel: LineChannel
  readonly #input = new PassThrough()
  readonly #ending = new AbortController()
  readonly #ended: Promise<Error | undefined>
  readonly #close = lazy(() => this.#end())
  #output = ''
  #started: StartedThere = { variables: {}, starts: [] }

  private constructor(machine: Machine, program: ServicesProgram) {
    this.#machine = machine
    this.#program = program
    const answers = new PassThrough()
    const stream = Duplex.from({ readable: answers, writable: this.#input })
    this.#channel = new LineChannel(stream, { other: `the program with the services of ${machine.name}` })
    this.#ended = this.#run(answers).then(() => undefined, asError)
    void this.#ended.then(() => this.#channel.close())
  }

  /** Starts the services. @throws the errors of `Session.enter`; ERR_TRANSPORT; no service is up then */
  static async open(machine: Machine, program: ServicesProgram, signal: AbortSignal): Promise<RemoteServices> {
    const services = new RemoteServices(machine, program)
    try {
      services.#started = await services.#ask('start', program.request, signal)
      return services
    } catch (thrown) {
      services.#ending.abort()
      await services.#ended
      throw thrown
    }
  }

  get variables(): Readonly<Record<string, string>> {
    return this.#started.variables
  }

  get starts(): readonly ServiceStart[] {
    return this.#started.starts
  }

  reset(signal?: AbortSignal): Promise<void> {
    return this.#ask('reset', {}, signal)
  }

  logs(): Promise<Readonly<Record<string, string>>> {
    return this.#ask('logs', {})
  }

  close(): Promise<void> {
    return this.#close()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  async #ask<T>(action: string, argument: object, signal?: AbortSignal): Promise<T> {
    const limitMs = this.#program.request.timeoutMs ?? defaultLimitMs
    const what = `the request "${action}" to the services of ${this.#machine.name}`
    try {
      return await new Deadline(what, limitMs, signal).race(() => this.#channel.request<T>(action, argument))
    } catch (thrown) {
      throw await this.#explain(asError(thrown))
    }
  }

  /** Explains an error by the end and the last output of the program, if the program has ended. */
  async #explain(error: Error): Promise<Error> {
    // The channel of a program that ends may close before its end is known.
    const patienceMs = hasCode(error, 'ERR_STATE') ? endLimitMs : 0
    if (!(await settlesWithin(this.#ended, patienceMs))) return error
    const end = await this.#ended
    if (end) return end
    const label = this.#machine.name
    const message = `the program with the services of ${label} has ended: ${this.#program.argv.join(' ')}`
    return new ServiceError('ERR_SERVICE_DIED', message, { label, logTail: this.#output }, { cause: error })
  }

  async #run(answers: PassThrough): Promise<void> {
    const { argv, environment, directory } = this.#program
    const onData = (chunk: Uint8Array): Promise<void> => new Promise((resolve) => answers.write(chunk, () => resolve()))
    await this.#machine.transport.run(argv, {
      environment,
      directory,
      input: this.#input,
      signal: this.#ending.signal,
      onOutput: (chunk) => {
        this.#output = (this.#output + Buffer.from(chunk).toString()).slice(-shownLength)
      },
      control: { variable: channelVariable, onData },
    })
  }

  async #end(): Promise<void> {
    const isRunning = !(await settlesWithin(this.#ended, 0))
    const error = isRunning ? await this.#stop().then(() => undefined, asError) : await this.#ended
    this.#ending.abort()
    await this.#ended
    // On a lost machine, no process of ours lives on.
    if (error && !hasCode(error, 'ERR_TRANSPORT')) throw error
  }

  async #stop(): Promise<void> {
    const limit = new Deadline(`stopping the services of ${this.#machine.name}`, closeLimitMs)
    await limit.race(() => this.#channel.request('close', {}))
    this.#input.end()
    await settlesWithin(this.#ended, closeLimitMs)
  }
}
