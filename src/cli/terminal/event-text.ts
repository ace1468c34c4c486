import type { ServiceEvent, SessionEvent } from '../../session/events.ts'
import { colors } from './colors.ts'

type Death = Extract<ServiceEvent, { kind: 'died' }>
type Health = Extract<ServiceEvent, { kind: 'health' }>
export type Step = Exclude<ServiceEvent, Death | Health>
type Settled = Extract<Step, { tookMs: number }>

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

/** Whether the event is a step of a start or a stop. Events of actions are left out, because actions have a log. */
export function isStep(event: SessionEvent): event is Step {
  return 'service' in event && event.kind !== 'died' && event.kind !== 'health'
}

/** Whether a step has ended, as opposed to being under way. */
export function isSettled(event: Step): event is Settled {
  return 'tookMs' in event
}

/** Returns `✔ db is ready 83 ms`, or `… db is starting, 40 %: seeding 1.2 s`. */
export function describeEvent(event: Step, elapsedMs?: number, sign: string = signs[event.kind]): string {
  const time = elapsedMs === undefined ? '' : ` ${colors.dim(formatMs(elapsedMs))}`
  const warning = 'warning' in event ? `\n  ${colors.yellow('!')} ${event.warning}` : ''
  return `${sign} ${event.service} ${words[event.kind]}${describeProgress(event)}${time}${warning}`
}

/** Returns `✖ API died: …`, with the end of the log. */
export function describeDeath({ reason }: Death): string {
  return `${signs.failed} ${reason}`
}

/**
 * Returns `✖ API died: …` and `… api is started again (1 of 3)`; `undefined` if another event reports the reason, now
 * or soon.
 */
export function describeHealth({ service, state, reason, restart }: Health): string | undefined {
  if (state === 'READY' && restart) return `${signs.ready} ${service} is ready again`
  if (state !== 'UNREADY' || !restart) return undefined
  return `${signs.failed} ${reason}\n${signs.starting} ${service} is started again (${restart.attempt} of ${restart.maxAttempts})`
}

function describeProgress(event: Step): string {
  if (event.kind !== 'progress') return ''
  const { percent, message } = event
  return `${percent === undefined ? '' : `, ${percent} %`}${message === undefined ? '' : `: ${message}`}`
}

/** Returns `83 ms` or `1.2 s`. */
export function formatMs(ms: number): string {
  return ms < 1_000 ? `${Math.round(ms)} ms` : `${(ms / 1_000).toFixed(1)} s`
}
