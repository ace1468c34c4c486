import { join } from 'node:path'
import type { Stack } from '../config/stack.ts'
import { openSession } from '../config/stack.ts'
import { CleanUpStack } from '../kernel/cleanup-stack.ts'
import { Deadline } from '../kernel/deadline.ts'
import { AlreadyRunningError, asError, combineErrors, hasCode } from '../kernel/errors.ts'
import { acquireRun, type Run, releaseRun } from '../run/run.ts'
import type { ExternalService } from '../service/external-service.ts'
import type { SessionListener } from '../session/events.ts'
import type { Session } from '../session/session.ts'
import { startControlServer } from './control-server.ts'
import { exportedVariables } from './exported-variables.ts'
import {
  type HeldService,
  type Holder,
  type HolderRecord,
  holderClaim,
  isHeldAs,
  listHolders,
  writeHolderRecord,
} from './holder-record.ts'
import type { StopSignals } from './stop-signals.ts'

export interface HoldOptions {
  readonly stack: Stack
  /** Tells several holders of one project apart. */
  readonly name: string
  readonly profile?: string | undefined
  readonly timeoutMs?: number | undefined
  readonly signals: StopSignals
  readonly onEvent: SessionListener
  /** Called when everything is ready, with the variables to evaluate. */
  readonly onReady: (variables: Readonly<Record<string, string>>) => void
}

const controlName = 'control'
const predecessorLimitMs = 10_000
const predecessorPollMs = 20

/**
 * Holds a session open until a signal asks for its end. The foreground command and the helper are this function; they
 * differ in whom they tell.
 *
 * @throws ERR_ALREADY_RUNNING; what `Session.enter` and `Session.end` throw
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
  const session = openSession(stack, options)
  const controlSocket = await openControl(run, session, cleanUps)
  const record = recorder(run, controlSocket, options)
  cleanUps.add(() => session.end(signals.hurry))
  record('starting', session)
  await session.enter({
    only: stack.names.length > 0 ? stack.names : undefined,
    uniqueInstance: options.profile === undefined,
    signal: signals.asked,
    hurry: signals.hurry,
    timeoutMs: options.timeoutMs,
  })
  record('ready', session)
  options.onReady(exportedVariables(session))
  await signals.whenAsked()
  whereThereIsRoom(() => record('stopping', session))
}

/** A full disk is no reason to stop in any other way: others see it as ready until it is gone. */
function whereThereIsRoom(write: () => void): void {
  try {
    write()
  } catch (thrown) {
    if (!hasCode(thrown, 'ENOSPC', 'EDQUOT')) throw thrown
  }
}

/**
 * A second holder of the same name would have nothing to be told apart by. One that is stopping, and the remains of one
 * that was killed, are gone in a moment.
 */
async function claimName(run: Run, { stack, name, signals }: HoldOptions): Promise<() => Promise<void>> {
  const goesAway = new Deadline('waiting for the end of the one before', predecessorLimitMs, signals.asked)
  for (;;) {
    const claim = run.tryClaim(holderClaim(stack.project, name))
    if (claim) return claim.release
    const present = listHolders(run.stateDirectory).find(isHeldAs(stack.project, name))
    const isLate = goesAway.remainingMs <= predecessorPollMs
    if (isLate || (present && present.state !== 'stopping')) throw runsAlready(stack.project, name, present)
    await goesAway.sleep(predecessorPollMs)
  }
}

function runsAlready(project: string, name: string, present: Holder | undefined): AlreadyRunningError {
  const who = present ? ` (process ${present.identity.pid}, ${present.state}, started ${present.startedAt})` : ''
  return new AlreadyRunningError(
    `"${name}" of ${project} runs already${who}; print its variables with "test-services env", ` +
      'stop it with "test-services stop", or start another one beside it with --name',
  )
}

async function openControl(run: Run, session: Session, cleanUps: CleanUpStack): Promise<string> {
  const directory = await run.createSocketDirectory(controlName.length)
  cleanUps.add(directory.release)
  const path = join(directory.value, controlName)
  const server = await startControlServer(path, {
    check: (services) => session.check(services),
    reset: (services) => session.reset(services),
  })
  cleanUps.add(() => void server.close().closeAllConnections())
  return path
}

function recorder(run: Run, controlSocket: string, { stack, name }: HoldOptions) {
  const startedAt = new Date().toISOString()
  return (state: HolderRecord['state'], session: Session): void => {
    const { project, prefix } = stack
    const services = [...session.services].map(([service, instance]) => heldService(service, instance, stack))
    const variables = exportedVariables(session)
    writeHolderRecord(run.directory, { project, name, prefix, state, startedAt, controlSocket, variables, services })
  }
}

function heldService(name: string, service: ExternalService<object>, { config }: Stack): HeldService {
  const { url } = service.serviceConfig as { url?: unknown }
  return {
    name,
    label: service.label,
    kind: config.services[name]?.kind ?? name,
    pid: service.pid,
    url: typeof url === 'string' && url !== '' ? service.redact(url) : undefined,
    logFile: service.files.logFile,
  }
}
