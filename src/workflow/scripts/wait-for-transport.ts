import * as v from 'valibot'
import { Deadline } from '../../kernel/deadline.ts'
import { asError, DeadlineError, hasCode } from '../../kernel/errors.ts'
import { poll } from '../../kernel/poll.ts'
import { describeFailure } from '../script/describe-command.ts'
import type { CommandResult, WorkflowContext } from '../script/script.ts'
import { durationArgument, transportName } from './arguments.ts'

export const description = 'waits until a command runs on the machine, for example after a reboot'

export const schema = v.strictObject({
  transport: v.optional(v.pipe(transportName, v.description('default: the transport of the step'))),
  command: v.optional(v.pipe(v.string(), v.nonEmpty(), v.description('line for "sh -c" that has to succeed')), 'true'),
  reboot: v.optional(
    v.pipe(
      v.string(),
      v.nonEmpty(),
      v.description('line that reboots a machine with Linux, such as "sudo reboot"; then waits for the next boot'),
    ),
  ),
  timeout: durationArgument('limit for all', '5m'),
})

type Arguments = v.InferOutput<typeof schema>

const pauses = { firstMs: 250, lastMs: 5000 } as const
/** Limit for one attempt: a machine that goes down may leave a connection silent. */
const attemptMs = 60_000
const noAttempt = 'there was no attempt'

export default async function waitForTransport(context: WorkflowContext, args: Arguments): Promise<void> {
  const deadline = new Deadline('waiting for the transport', args.timeout, context.signal)
  const waiting = new Waiting(context, args, deadline)
  if (args.reboot !== undefined) await waiting.reboot(args.reboot)
  await poll({ ...pauses, deadline }, () => waiting.isUp()).catch((thrown) => {
    throw hasCode(thrown, 'ERR_DEADLINE') ? waiting.timedOut() : thrown
  })
}

class Waiting {
  readonly #context: WorkflowContext
  readonly #args: Arguments
  readonly #deadline: Deadline
  /** Id of the boot that a reboot ends. */
  #boot: string | undefined
  #last = noAttempt

  constructor(context: WorkflowContext, args: Arguments, deadline: Deadline) {
    this.#context = context
    this.#args = args
    this.#deadline = deadline
  }

  /** Reboots the machine; the connection may be lost before the command has ended. */
  async reboot(command: string): Promise<void> {
    this.#boot = await this.#bootId()
    await this.#unlessLost(() => this.#run(command))
  }

  isUp(): Promise<true | undefined> {
    return this.#unlessLost(async () => {
      if (this.#boot !== undefined && (await this.#bootId()) === this.#boot)
        return this.#failed('the machine has not rebooted yet')
      const { command } = this.#args
      const result = await this.#run(command)
      return result.exitCode === 0 ? true : this.#failed(describeFailure(command, result))
    })
  }

  timedOut(): DeadlineError {
    const { timeout } = this.#args
    const what = `waiting for the transport (the last attempt: ${this.#last})`
    return new DeadlineError(what, timeout, `its timeout of ${timeout / 1_000} s`)
  }

  async #bootId(): Promise<string> {
    return (await this.#run('cat /proc/sys/kernel/random/boot_id')).output()
  }

  #run(command: string): Promise<CommandResult> {
    const timeoutMs = Math.max(1, Math.min(this.#deadline.remainingMs, attemptMs))
    return this.#context.run(command, { transport: this.#args.transport, timeoutMs })
  }

  /** Returns `undefined` if the machine is lost meanwhile. */
  async #unlessLost<T>(work: () => Promise<T>): Promise<T | undefined> {
    try {
      return await work()
    } catch (thrown) {
      if (!hasCode(thrown, 'ERR_TRANSPORT', 'ERR_DEADLINE')) throw thrown
      // An attempt that the end has cut short tells nothing.
      if (this.#deadline.expired && this.#last !== noAttempt) return undefined
      return this.#failed(asError(thrown).message)
    }
  }

  #failed(why: string): undefined {
    this.#last = why
    return undefined
  }
}
