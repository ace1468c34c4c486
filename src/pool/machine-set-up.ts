import { CleanUpStack } from '../kernel/cleanup-stack.ts'
import { Deadline } from '../kernel/deadline.ts'
import { combineErrors } from '../kernel/errors.ts'
import { timedStep } from '../kernel/timed-step.ts'
import { ignore } from '../kernel/value-unless.ts'
import type { ReadyMachine } from './machine-set.ts'
import { MachineWork } from './machine-work.ts'
import type { Machine } from './machines/machine.ts'
import type { PoolRun } from './pool-run.ts'

/** Limits for the set-up of a machine with the services, and for the clean-up hook. */
const setUpLimitMs = 1_800_000
const cleanUpLimitMs = 300_000

/** Sets a machine up. A failure runs the clean-ups of all finished steps. */
export async function setUpMachine(run: PoolRun, machine: Machine): Promise<ReadyMachine> {
  const cleanUps = new CleanUpStack()
  const deadline = new Deadline(`setting up ${machine.name}`, setUpLimitMs, run.over)
  try {
    const work = await timedStep(`setting up ${machine.name}`, deadline, (signal) =>
      prepare(run, machine, { signal, cleanUps }),
    )
    return { work: (onProved) => work.work(onProved), cleanUp: () => cleanUpAll(cleanUps) }
  } catch (thrown) {
    await cleanUps.run() // the first error is the cause
    throw thrown
  }
}

interface Preparation {
  readonly signal: AbortSignal
  readonly cleanUps: CleanUpStack
}

async function prepare(run: PoolRun, machine: Machine, { signal, cleanUps }: Preparation): Promise<MachineWork> {
  await run.options.setUpMachine?.(machine, signal)
  cleanUps.add(() => cleanUpMachine(run, machine))
  const services = await run.options.services?.(machine, signal)
  if (services) cleanUps.add(() => services.close())
  return new MachineWork(run, machine, services)
}

async function cleanUpMachine({ options, isCanceled }: PoolRun, machine: Machine): Promise<void> {
  const hook = options.cleanUpMachine
  if (!hook) return
  const limitMs = isCanceled && options.graceMs > 0 ? Math.min(options.graceMs, cleanUpLimitMs) : cleanUpLimitMs
  const deadline = new Deadline(`cleaning up ${machine.name}`, limitMs)
  // A lost machine cannot be cleaned up.
  await timedStep(`cleaning up ${machine.name}`, deadline, async (signal) => hook(machine, signal)).catch(
    ignore('ERR_TRANSPORT'),
  )
}

async function cleanUpAll(cleanUps: CleanUpStack): Promise<void> {
  const errors = await cleanUps.run()
  if (errors.length > 0) throw combineErrors(errors)
}
