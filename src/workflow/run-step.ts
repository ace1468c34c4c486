import { nextTurn } from '../kernel/clock.ts'
import { later, settlesWithin } from '../kernel/deadline.ts'
import { asError, CommandError, ConfigError, DeadlineError, hasCode } from '../kernel/errors.ts'
import { onAbort } from '../kernel/on-abort.ts'
import type { ScriptStep, Step } from './document/workflow.ts'
import { RunRecordsError } from './output/output-disk.ts'
import type { FoundScript, Script } from './script/script.ts'
import { runOrFail } from './scripts/run-or-fail.ts'
import type { StepContext } from './step-context.ts'

/** How long a canceled script may take to end, in milliseconds. */
const scriptGraceMs = 10_000

export interface StepRun {
  readonly context: StepContext
  /** Runs the code of a script. */
  readonly runCode: <T>(code: () => T) => T
  readonly findScript: (name: string) => FoundScript | undefined
  /** Cancels the step. */
  readonly signal: AbortSignal
  /** Ends the waiting for a canceled script. */
  readonly forceSignal: AbortSignal
}

/** How a step ended. */
export interface StepEnd {
  readonly state: 'passed' | 'failed' | 'canceled'
  readonly error?: string | undefined
  /** Whether a machine or a service could not be had. */
  readonly isInfrastructure?: boolean
  /** Ends the run: the records of the run cannot be written. */
  readonly recordsError?: RunRecordsError
}

/**
 * Runs a step to its end, or to the end of its time. Node reports errors that a script has thrown aside in its next
 * turn, so the end of a step waits for that turn.
 */
export async function runStep(step: Step, run: StepRun): Promise<StepEnd> {
  const { context, signal } = run
  using _canceled = onAbort(signal, () => context.cancel(asError(signal.reason)))
  const stopLimit = limitOf(step, context)
  try {
    if ('run' in step) for (const line of step.run) await runOrFail(context, line)
    else await runScript(step, run)
    await context.end()
    await nextTurn()
    context.signal.throwIfAborted()
    return { state: 'passed' }
  } catch (thrown) {
    // What ended the commands of the step says more than their errors.
    const reason = context.signal.aborted ? context.signal.reason : thrown
    await context.end()
    await nextTurn()
    if (thrown instanceof RunRecordsError) return { ...failed(thrown, context), recordsError: thrown }
    if (signal.aborted) return { state: 'canceled' }
    return failed(reason, context)
  } finally {
    stopLimit()
  }
}

/** Cancels the step when its time is over. Returns a function that ends the waiting. */
function limitOf({ name, timeoutMs }: Step, context: StepContext): () => void {
  if (timeoutMs === undefined) return () => {}
  return later(timeoutMs, () =>
    context.cancel(new DeadlineError(`the step ${name}`, timeoutMs, `its timeout of ${timeoutMs / 1_000} s`)),
  )
}

function failed(thrown: unknown, context: StepContext): StepEnd {
  const isInfrastructure = hasCode(thrown, 'ERR_TRANSPORT') || thrown === context.serviceError
  return { state: 'failed', error: asError(thrown).message, isInfrastructure }
}

async function runScript({ uses, with: args }: ScriptStep, run: StepRun): Promise<void> {
  const { context } = run
  const found = run.findScript(uses)
  if (!found) throw new ConfigError(`there is no script ${uses}`)
  const work = run.runCode(async () => {
    const { default: script } = await found.load()
    return (script as Script)(context, args)
  })
  await Promise.race([work.catch(() => {}), afterGrace(run, work)])
  await nextTurn()
  context.signal.throwIfAborted()
  if ((await work) === false) throw new CommandError(`the script ${uses} returned false`)
}

/** Resolves when canceled work has ended, has used up its grace, or is given up. */
async function afterGrace({ context, forceSignal }: StepRun, work: Promise<unknown>): Promise<void> {
  await aborted(context.signal)
  await settlesWithin(Promise.race([work, aborted(forceSignal)]), scriptGraceMs)
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => void onAbort(signal, resolve))
}
