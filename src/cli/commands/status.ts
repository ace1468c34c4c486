import { askHolder } from '../../helper/control-server.ts'
import { requireHolder } from '../../helper/find-holder.ts'
import type { HeldService, Holder } from '../../helper/holder-record.ts'
import { ownCall } from '../../helper/own-call.ts'
import { epochMs } from '../../kernel/clock.ts'
import { Deadline } from '../../kernel/deadline.ts'
import { asError } from '../../kernel/errors.ts'
import { memoryOf } from '../../process/inspect/memory.ts'
import { alignColumns } from '../terminal/columns.ts'
import { exitCodes } from '../terminal/exit-codes.ts'
import type { GlobalOptions } from '../terminal/options.ts'
import { holderQuery } from './project.ts'

interface StatusOptions extends GlobalOptions {
  readonly json?: boolean
}

const checkLimitMs = 10_000

/** One service in `status --json`. */
interface ServiceStatus {
  readonly service: string
  readonly kind: string
  readonly state: string
  readonly pid: number | undefined
  /** Time since the service became ready. */
  readonly uptimeMs: number | undefined
  readonly url: string | undefined
  /** Memory of the process and its descendants; shared memory is counted once. */
  readonly memoryBytes: number | undefined
  readonly problem?: string
}

/** Output of `status --json`. */
interface StatusReport {
  readonly project: string
  readonly name: string
  readonly state: string
  readonly holderPid: number
  readonly services: readonly ServiceStatus[]
}

/** Prints which services run here; exit code 3 if none does. */
export async function status(options: StatusOptions): Promise<number> {
  const query = holderQuery(options)
  const { report, text } = await examine(requireHolder(query))
  process.stdout.write(options.json ? `${JSON.stringify(report, null, 2)}\n` : text)
  if (report.state === 'failed' && !options.json)
    process.stdout.write(`stop what is left with eval "$(${ownCall(query)} --stop)", then start it again\n`)
  return report.state === 'failed' ? exitCodes.failed : exitCodes.done
}

/** Asks a holder about its services; returns the answer for programs, and as a table for people. */
export async function examine(holder: Holder): Promise<{ report: StatusReport; text: string }> {
  const up = await Promise.all(holder.services.map((service) => statusOf(holder, service)))
  const services = [...up, ...holder.starting.map(stillStarting)]
  const state = services.some(({ problem }) => problem !== undefined) ? 'failed' : holder.state
  const report = {
    project: holder.project,
    name: holder.name,
    state,
    holderPid: holder.identity.pid,
    services,
  }
  return { report, text: describeHolder({ ...holder, state }, services) }
}

async function statusOf(holder: Holder, { name, kind, pid, url, readyAt }: HeldService): Promise<ServiceStatus> {
  const problem = await problemOf(holder, name)
  return {
    service: name,
    kind,
    state: problem === undefined ? stateOf(holder) : 'failed',
    pid,
    uptimeMs: epochMs() - Date.parse(readyAt),
    url: url && withoutPassword(url),
    memoryBytes: pid === undefined ? undefined : memoryOf(pid),
    ...(problem !== undefined && { problem }),
  }
}

/** State of a service that is up, even while other services of the holder are starting. */
function stateOf({ state }: Holder): string {
  return state === 'starting' ? 'ready' : state
}

function stillStarting(service: string): ServiceStatus {
  const nothing = { kind: '-', pid: undefined, uptimeMs: undefined, url: undefined, memoryBytes: undefined }
  return { service, state: 'starting', ...nothing }
}

async function problemOf({ controlSocket, state }: Holder, name: string): Promise<string | undefined> {
  if (state === 'stopping') return undefined
  try {
    await new Deadline(`asking the helper about ${name}`, checkLimitMs).race((signal) =>
      askHolder(controlSocket, { action: 'check', services: [name], signal }),
    )
    return undefined
  } catch (thrown) {
    return asError(thrown).message
  }
}

function withoutPassword(url: string): string {
  if (!URL.canParse(url)) return url
  const parsed = new URL(url)
  if (parsed.password === '') return url
  parsed.password = '********'
  return parsed.href
}

/** A holder with the state to show: if any service has failed, the holder is not ready, contrary to its record. */
type Shown = Omit<Holder, 'state'> & { readonly state: Holder['state'] | 'failed' }

function describeHolder(
  { name, project, identity, state, starting }: Shown,
  services: readonly ServiceStatus[],
): string {
  const head = ['SERVICE', 'STATE', 'PID', 'UPTIME', 'MEMORY', 'URL']
  const rows = services.map((row) => [
    row.service,
    row.state,
    `${row.pid ?? '-'}`,
    uptime(row.uptimeMs),
    memory(row.memoryBytes),
    row.url ?? '-',
  ])
  const table = alignColumns([head, ...rows])
  const problems = services.flatMap(({ problem }) => problem ?? [])
  const waiting = state !== 'stopping' && starting.length > 0 ? [`still starting: ${starting.join(', ')}`] : []
  const summary = `"${name}" of ${project}: ${state}, held by process ${identity.pid}`
  return [summary, ...table, ...waiting, ...problems, ''].join('\n')
}

/** Returns how long ago an instant was: `42 s`, `7 min`, `3 h 5 min`. */
export function describeAge(instant: string): string {
  return uptime(epochMs() - Date.parse(instant))
}

/** Returns `42 s`, `7 min`, `3 h 5 min`. */
function uptime(ms: number | undefined): string {
  if (ms === undefined) return '-'
  const minutes = Math.floor(ms / 60_000)
  if (minutes === 0) return `${Math.floor(ms / 1_000)} s`
  return minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`
}

function memory(bytes: number | undefined): string {
  return bytes === undefined ? '-' : `${(bytes / 1024 / 1024).toFixed(1)} MiB`
}
