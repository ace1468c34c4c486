import type { SessionEvent } from '../session/events.ts'
import { colors } from './colors.ts'

type Settled = Extract<SessionEvent, { tookMs: number }>

const signs = {
  starting: colors.cyan('…'),
  stopping: colors.cyan('…'),
  ready: colors.green('✔'),
  failed: colors.red('✖'),
  canceled: colors.dim('■'),
  stopped: colors.dim('■'),
} as const

const words = {
  starting: 'is starting',
  stopping: 'is stopping',
  ready: 'is ready',
  failed: 'failed',
  canceled: 'is given up',
  stopped: 'is stopped',
} as const

/** Whether something has come to its end, as opposed to being under way. */
export function isSettled(event: SessionEvent): event is Settled {
  return 'tookMs' in event
}

/** `✔ db is ready 83 ms`. */
export function describeEvent({ kind, service }: SessionEvent, elapsedMs?: number, sign: string = signs[kind]): string {
  const time = elapsedMs === undefined ? '' : ` ${colors.dim(formatMs(elapsedMs))}`
  return `${sign} ${service} ${words[kind]}${time}`
}

/** `83 ms`, `1.2 s`. */
export function formatMs(ms: number): string {
  return ms < 1_000 ? `${Math.round(ms)} ms` : `${(ms / 1_000).toFixed(1)} s`
}
