import * as v from 'valibot'
import { CanceledError, ConfigError } from '../kernel/errors.ts'
import { unlessAborted } from '../kernel/unless-aborted.ts'
import { parseOptions } from '../service/options/parse-options.ts'
import { graceSchema, nameSchema, textSchema } from '../service/options/plan-schema.ts'
import type { ControlDescriptor, RunOptions, Sink } from './transport.ts'

const defaultGraceMs = 5_000
/** Number of the control descriptor. */
const controlDescriptor = '3'

/** Outputs of a command, each with its reader. An output without a reader is discarded. */
export type Outputs =
  | { readonly kind: 'merged'; readonly output: Sink }
  | { readonly kind: 'control'; readonly output: Sink; readonly control: ControlDescriptor }
  | { readonly kind: 'separate'; readonly stdout: Sink | undefined; readonly stderr: Sink | undefined }

/** A checked call of `run`. */
export interface RunPlan {
  readonly argv: readonly [string, ...string[]]
  readonly environment: Readonly<Record<string, string>>
  readonly directory: string | undefined
  readonly input: RunOptions['input']
  readonly signal: AbortSignal | undefined
  readonly graceMs: number
  readonly outputs: Outputs
}

const sink = v.optional(v.function())
const signalSchema = v.optional(v.looseObject({ aborted: v.boolean() }))

const argvSchema = v.object({ argv: v.pipe(v.array(textSchema), v.nonEmpty()) })
const optionsSchema = v.strictObject({
  environment: v.optional(v.record(nameSchema, textSchema)),
  directory: v.optional(textSchema),
  input: v.optional(
    v.custom<unknown>((input) => typeof input === 'string' || Object(input) === input, 'a text, bytes or a stream'),
  ),
  signal: signalSchema,
  graceMs: v.optional(graceSchema),
  onOutput: sink,
  onStdout: sink,
  onStderr: sink,
  control: v.optional(v.strictObject({ variable: nameSchema, onData: v.function(), closed: signalSchema })),
})

/**
 * Checks a call of `run`.
 *
 * @param transport name of the transport, for messages
 * @throws ERR_CONFIG for an invalid option; ERR_CANCELED if the signal has fired already
 */
export function planRun(transport: string, argv: readonly string[], options: RunOptions): RunPlan {
  const path = `${transport}: run()`
  parseOptions(argvSchema, { argv }, path)
  parseOptions(optionsSchema, options, path)
  checkOutputs(options, path)
  const { directory, input, signal, graceMs = defaultGraceMs } = options
  const plan: RunPlan = {
    argv: argv as RunPlan['argv'],
    environment: environmentOf(options),
    directory,
    input,
    signal,
    graceMs,
    outputs: outputsOf(options),
  }
  if (signal?.aborted) throw canceled(plan, transport)
  return plan
}

/** Returns the error of a command given up by its caller. */
export function canceled({ argv, signal }: RunPlan, transport: string): CanceledError {
  return new CanceledError(`"${argv[0]}" on ${transport}`, { cause: signal?.reason })
}

/** Waits for the connection of a command, which opens for later commands too. @throws ERR_CANCELED */
export async function connectionFor<T>(opening: Promise<T>, plan: RunPlan, transport: string): Promise<T> {
  if (!plan.signal) return opening
  try {
    return await unlessAborted(opening, plan.signal)
  } catch (thrown) {
    throw plan.signal.aborted ? canceled(plan, transport) : thrown
  }
}

function environmentOf({ environment, control }: RunOptions): Record<string, string> {
  return { ...environment, ...(control && { [control.variable]: controlDescriptor }) }
}

function checkOutputs({ onOutput, onStdout, onStderr, control }: RunOptions, path: string): void {
  if (onOutput && (onStdout || onStderr)) throw new ConfigError(`${path}: onOutput excludes onStdout and onStderr`)
  if (control && !onOutput) throw new ConfigError(`${path}: control needs onOutput`)
}

function outputsOf({ onOutput, onStdout, onStderr, control }: RunOptions): Outputs {
  if (!onOutput) return { kind: 'separate', stdout: onStdout, stderr: onStderr }
  return control ? { kind: 'control', output: onOutput, control } : { kind: 'merged', output: onOutput }
}
