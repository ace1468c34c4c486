// biome-ignore lint/style/noRestrictedImports: starts a holder
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, mkdirSync, openSync } from 'node:fs'
import { dirname } from 'node:path'
import type { Duplex } from 'node:stream'
import { nameOf } from '../../helper/find-holder.ts'
import { acceptVariables, failureOf, readHandshake } from '../../helper/handshake.ts'
import { helperLog, removeOldLogs } from '../../helper/helper-log.ts'
import { holderClaim } from '../../helper/holder-record.ts'
import type { HelperRequest } from '../../helper/request.ts'
import { StopSignals } from '../../helper/stop-signals.ts'
import { packageProgram } from '../../host/modules/package-program.ts'
import { later, sleep } from '../../kernel/deadline.ts'
import { CanceledError, hasCode, TestServicesError } from '../../kernel/errors.ts'
import { onAbort } from '../../kernel/on-abort.ts'
import type { LogFile } from '../../process/log-file.ts'
import { createDisplay, type Display } from '../terminal/display.ts'
import { exitCodeIfCanceled, exitCodes } from '../terminal/exit-codes.ts'
import { chosenFormat, chosenTimeoutMs, type GlobalOptions } from '../terminal/options.ts'
import { describeRunning, findRunning, type Wanted } from './join-running.ts'
import { printReady } from './print-ready.ts'
import { holderQuery, reportDefault, stackRequest } from './project.ts'

/** Longest time for a helper that was forced to end; it usually ends much sooner. */
const forcedEndMs = 4_000
/** One turn of the event loop. */
const turnMs = 1

/**
 * Starts a helper, waits until every service is ready, prints the variables, and returns. If a suitable helper already
 * runs, prints the variables of that helper.
 */
export async function daemonise(names: readonly string[], options: GlobalOptions): Promise<number> {
  // Reports an invalid option before any other work.
  chosenFormat(options)
  const display = await createDisplay(options)
  using signals = new StopSignals()
  const wanted = { names, options, signal: signals.asked }
  try {
    if (!(await printRunning(wanted, display)))
      await startAndPrint(wanted, display, signals).catch(async (thrown) => {
        // A concurrent call has started the helper first.
        if (!hasCode(thrown, 'ERR_ALREADY_RUNNING') || !(await printRunning(wanted, display))) throw thrown
      })
    return exitCodes.done
  } catch (thrown) {
    return exitCodeIfCanceled(thrown, signals)
  } finally {
    display.end()
  }
}

/** Prints the variables of a running helper; returns whether a helper runs. */
async function printRunning(wanted: Wanted, display: Display): Promise<boolean> {
  const holder = await findRunning(wanted)
  if (holder === undefined) return false
  display.say(`${describeRunning(holder)}; these are its variables`)
  await printReady(holder.variables, wanted.options)
  return true
}

async function startAndPrint({ names, options }: Wanted, display: Display, signals: StopSignals): Promise<void> {
  const name = nameOf(options)
  const request: HelperRequest = { ...stackRequest(names, options), names, name, timeoutMs: chosenTimeoutMs(options) }
  const { stateDirectory, project } = holderQuery(options)
  removeOldLogs(stateDirectory)
  const log = helperLog(stateDirectory, holderClaim(project, name))
  reportDefault(request, display)
  const helper = startHelper(request, log)
  handOn(signals, helper)
  try {
    await follow(helper, { display, log, onReady: (variables) => printReady(variables, options) })
    // Handles a signal that has arrived by now first. The helper has the signal too and stops, so the printed variables
    // are worthless.
    await sleep(turnMs)
    if (signals.received) throw new CanceledError('the start')
  } catch (thrown) {
    await untilExit(helper)
    throw helper.signalCode === 'SIGKILL' && signals.received
      ? new CanceledError('the start', { cause: thrown })
      : thrown
  }
}

/**
 * Starts the helper in a session of its own, with no descriptor of ours except the handshake, so that `$(…)` returns.
 */
function startHelper(request: HelperRequest, { path }: LogFile): ChildProcess {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
  // Opened for appending: a running helper of the same name may have the log open.
  const log = openSync(path, 'a', 0o600)
  const [program = '', ...argv] = packageProgram('helper')
  const helper = spawn(program, [...argv, JSON.stringify(request)], {
    detached: true,
    stdio: ['ignore', log, log, 'pipe'],
  })
  closeSync(log)
  helper.unref()
  return helper
}

/** Forwards signals to the helper, which gets none from the terminal because it has a session of its own. */
function handOn({ asked, forceSignal }: StopSignals, helper: ChildProcess): void {
  for (const signal of [asked, forceSignal]) onAbort(signal, () => helper.kill('SIGTERM'))
  // A blocking config file keeps the helper from receiving signals; its guardian, if there is one yet, cleans up.
  onAbort(forceSignal, () => later(forcedEndMs, () => helper.kill('SIGKILL')))
}

/** Closes the handshake without an answer, upon which the helper undoes its work, and waits for the helper's end. */
async function untilExit(helper: ChildProcess): Promise<void> {
  ;(helper.stdio[3] as Duplex).destroy()
  if (helper.exitCode !== null || helper.signalCode !== null) return
  helper.ref()
  await once(helper, 'exit')
}

interface Following {
  readonly display: Display
  readonly log: LogFile
  readonly onReady: (variables: Readonly<Record<string, string>>) => Promise<void>
}

async function follow(helper: ChildProcess, { display, log, onReady }: Following): Promise<void> {
  const mark = log.size()
  const handshake = helper.stdio[3] as Duplex
  for await (const message of readHandshake(handshake)) {
    if (message.kind === 'event') display.onEvent(message.event)
    if (message.kind === 'failed') throw failureOf(message.errors)
    if (message.kind === 'ready') {
      await onReady(message.variables)
      return acceptVariables(handshake)
    }
  }
  const said = log.readFrom(mark).trim()
  throw new TestServicesError('ERR_START', `the helper ended before anything was ready${said && `; it said:\n${said}`}`)
}
