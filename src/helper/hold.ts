import { join } from 'node:path'
import type { Stack } from '../config/stack.ts'
import { openSession } from '../config/stack.ts'
import { CleanUpStack } from '../kernel/cleanup-stack.ts'
import { Deadline } from '../kernel/deadline.ts'
import { AlreadyRunningError, asError, combineErrors } from '../kernel/errors.ts'
import { poll } from '../kernel/poll.ts'
import { acquireRun, releaseRun } from '../run/own-run.ts'
import type { Run } from '../run/run.ts'
import type { SessionEvent, SessionListener } from '../session/events.ts'
import { exportedVariables } from '../session/exported-variables.ts'
import type { Session } from '../session/session.ts'
import { startControlServer } from './control-server.ts'
import { type Holder, holderClaim, isHeldAs, listHelpers, projectPath } from './holder-record.ts'
import { HolderRecorder } from './holder-recorder.ts'
import { ownCall } from './own-call.ts'
import type { StopSignals } from './stop-signals.ts'

export interface HoldOptions {
  readonly stack: Stack
  /** Name of this holder, if a project runs several. */
  readonly name: string
  /** Path as given on the command line, for hints. */
  readonly configFile?: string | undefined
  readonly profile?: string | undefined
  readonly timeoutMs?: number | undefined
  /** Restarts failed services, as their `restartPolicy` allows. Default: false. */
  readonly restarts?: boolean | undefined
  readonly signals: StopSignals
  readonly onEvent: SessionListener
  /** Called with the variables to evaluate when every service is ready. */
  readonly onReady: (variables: Readonly<Record<string, string>>) => void | Promise<void>
}

const controlName = 'control'
const predecessorLimitMs = 10_000
const predecessorPollMs = 20

/**
 * Holds a session open until a signal asks for the end. The foreground command and the helper share this function; they
 * only report to different readers.
 *
 * @throws ERR_ALREADY_RUNNING; the errors of `Session.enter` and `Session.end`
 */
export async function hold(options: HoldOptions): Promise<void> {
  const cleanUps = new CleanUpStack()
  const errors: Error[] = []
  try {
    const run = await acquireRun()
    cleanUps.add(() => releaseRun(run))
    await holdIn(run, cleanUps, options)
  } catch (thrown) {
    errors.push(asError(thrown))
  }
  errors.push(...(await cleanUps.run()))
  if (errors.length > 0) throw combineErrors(errors)
}

async function holdIn(run: Run, cleanUps: CleanUpStack, options: HoldOptions): Promise<void> {
  const { stack, signals } = options
  cleanUps.add(await claimName(run, options))
  const listeners = [options.onEvent]
  const emit = (event: SessionEvent): void => {
    for (const listen of listeners) listen(event)
  }
  const session = openSession(stack, { ...options, onEvent: emit })
  const controlSocket = await openControl(run, session, cleanUps)
  const { name, profile } = options
  const recorder = new HolderRecorder({ kind: 'helper', stack, name, profile, run, session, controlSocket })
  // Must come first: a listener of the event must find the service in the record.
  listeners.unshift((event) => recorder.onEvent(event))
  cleanUps.add(() => session.end({ forceSignal: signals.forceSignal }))
  recorder.record('starting')
  await session.enter({
    only: stack.names.length > 0 ? stack.names : undefined,
    uniqueInstance: options.profile === undefined,
    signal: signals.asked,
    forceSignal: signals.forceSignal,
    timeoutMs: options.timeoutMs,
    restarts: options.restarts,
  })
  recorder.record('ready')
  await options.onReady(exportedVariables(session))
  await signals.whenAsked()
  recorder.stops()
}

/**
 * Claims the name of this holder, because a second holder of the same name could not be told apart. Waits for a holder
 * that is stopping, and for the cleanup after a killed holder.
 */
async function claimName(run: Run, options: HoldOptions): Promise<() => Promise<void>> {
  const { stack, name, signals } = options
  const project = projectPath(stack.project)
  const goesAway = new Deadline('waiting for the end of the one before', predecessorLimitMs, signals.asked)
  return poll({ firstMs: predecessorPollMs, deadline: goesAway }, () => {
    const claim = run.tryClaim(holderClaim(project, name))
    if (claim) return claim.release
    const present = listHelpers(run.stateDirectory).find(isHeldAs(project, name))
    const isLate = goesAway.remainingMs <= predecessorPollMs
    if (isLate || (present && present.state !== 'stopping')) throw runsAlready(project, options, present)
    return undefined
  })
}

function runsAlready(project: string, options: HoldOptions, present: Holder | undefined): AlreadyRunningError {
  const call = ownCall(options)
  const who = present ? ` (process ${present.identity.pid}, ${present.state}, started ${present.startedAt})` : ''
  return new AlreadyRunningError(
    `"${options.name}" of ${project} runs already${who}; print its variables with "${call} env", ` +
      `stop it with "${call} stop", or start another one beside it with --name`,
  )
}

/**
 * Lets the command of an `exec` send requests about the services of the session, such as `reset`, once they are up. The
 * command finds the record by its variables; no other process finds the record. Returns the function that removes the
 * record.
 */
export async function holdForCommand(session: Session, stack: Stack, profile?: string): Promise<() => Promise<void>> {
  const cleanUps = new CleanUpStack()
  const end = async (): Promise<void> => {
    const errors = await cleanUps.run()
    if (errors.length > 0) throw combineErrors(errors)
  }
  try {
    const run = await acquireRun()
    cleanUps.add(() => releaseRun(run))
    const controlSocket = await openControl(run, session, cleanUps)
    const name = `exec-${process.pid}`
    new HolderRecorder({ kind: 'exec', stack, name, profile, run, session, controlSocket }).record('ready')
    return end
  } catch (thrown) {
    await end()
    throw thrown
  }
}

async function openControl(run: Run, session: Session, cleanUps: CleanUpStack): Promise<string> {
  const directory = await run.createSocketDirectory(controlName.length)
  cleanUps.add(directory.release)
  const path = join(directory.value, controlName)
  const server = await startControlServer(path, {
    check: (services) => session.check({ only: services }),
    reset: async (services) => {
      await session.reset({ only: services })
      return [...session.services].flatMap(([name, { keepsState }]) => (keepsState ? name : []))
    },
  })
  cleanUps.add(() => void server.close().closeAllConnections())
  return path
}
