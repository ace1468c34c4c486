import type { ServiceEvent, SessionEvent } from '../session/events.ts'
import { colors } from './colors.ts'

type Settled = Extract<ServiceEvent, { tookMs: number }>

const signs = {
  starting: colors.cyan('…'),
  progress: colors.cyan('…'),
  stopping: colors.cyan('…'),
  ready: colors.green('✔'),
  failed: colors.red('✖'),
  canceled: colors.dim('■'),
  stopped: colors.dim('■'),
} as const

const words = {
  starting: 'is starting',
  progress: 'is starting',
  stopping: 'is stopping',
  ready: 'is ready',
  failed: 'failed',
  canceled: 'is given up',
  stopped: 'is stopped',
} as const

/** What is shown: of actions there is a log. */
export function isServiceEvent(event: SessionEvent): event is ServiceEvent {
  return 'service' in event
}

/** Whether something has come to its end, as opposed to being under way. */
export function isSettled(event: ServiceEvent): event is Settled {
  return 'tookMs' in event
}

/** `✔ db is ready 83 ms`, `… db is starting, 40 %: seeding 1.2 s`. */
export function describeEvent(event: ServiceEvent, elapsedMs?: number, sign: string = signs[event.kind]): string {
  const time = elapsedMs === undefined ? '' : ` ${colors.dim(formatMs(elapsedMs))}`
  return `${sign} ${event.service} ${words[event.kind]}${describeProgress(event)}${time}`
}

function describeProgress(event: ServiceEvent): string {
  if (event.kind !== 'progress') return ''
  const { percent, message } = event
  return `${percent === undefined ? '' : `, ${percent} %`}${message === undefined ? '' : `: ${message}`}`
}

/** `83 ms`, `1.2 s`. */
export function formatMs(ms: number): string {
  return ms < 1_000 ? `${Math.round(ms)} ms` : `${(ms / 1_000).toFixed(1)} s`
}
