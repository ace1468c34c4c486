import type { MachineState, PoolEvent } from '../../pool/pool-event.ts'
import type { RunSummary } from '../../results/result-sink.ts'
import type { AttemptRow, AttemptState } from '../../results/rows.ts'
import { colors } from '../terminal/colors.ts'
import { formatMs } from '../terminal/event-text.ts'
import type { MachineRow, PoolView } from './pool-view.ts'

type AttemptEnd = Extract<PoolEvent, { type: 'attempt-end' }>

const signs: Readonly<Record<AttemptState, string>> = {
  passed: colors.green('✔'),
  failed: colors.red('✖'),
  infra: colors.yellow('!'),
  canceled: colors.dim('■'),
  lost: colors.dim('■'),
}

const words: Readonly<Record<AttemptState, string>> = {
  passed: '',
  failed: ' failed',
  infra: ' could not be run',
  canceled: ' was canceled',
  lost: ' was given to another host',
}

/**
 * Returns `✖ test/a.test.ts failed 1.2 s on local-1, and is run again (…)`, with the reason of the failure.
 *
 * @param reason note of the result of the whole test
 */
export function describeAttempt({ attempt }: AttemptEnd, reason: string | null = null): string {
  const { state, machine, rerun } = attempt
  const note = attempt.note ?? (state === 'passed' ? null : reason)
  const took = formatMs(Date.parse(attempt.end) - Date.parse(attempt.begin))
  const again = rerun === null ? '' : `, and is run again (${rerun})`
  const why = note === null ? '' : `\n  ${note.replaceAll('\n', '\n  ')}`
  return `${describeOutcome(attempt)} ${colors.dim(`${took} on ${machine}`)}${again}${why}`
}

/** Returns `✖ test/a.test.ts failed`. */
export function describeOutcome({ test, number, state }: AttemptRow): string {
  const which = number > 1 ? `${test} (attempt ${number})` : test
  return `${signs[state]} ${which}${words[state]}`
}

const states: Readonly<Record<MachineState, string>> = {
  reserving: 'is being reserved',
  'setting-up': 'is set up',
  free: 'is free',
  busy: 'is busy',
  releasing: 'is given back',
  gone: 'is gone',
}

/** Size of a terminal. */
export interface TerminalSize {
  readonly rows: number
  readonly columns: number
}

/** How long a reservation is not worth a line, in milliseconds. */
const shortMs = 1_000

/**
 * Returns the lines of the live display: the work of each machine, then the progress of the run.
 *
 * @param now in milliseconds of the monotonic clock
 */
export function describeView(view: PoolView, now: number, { rows: room, columns }: TerminalSize): string[] {
  const worth = [...view.machines].filter(([, { state, since }]) => state !== 'reserving' || now - since > shortMs)
  const rows = worth.map(([name, row]) => describeMachine(name, row, { now, columns }))
  const shown = rows.slice(0, Math.max(1, room - 2))
  const hidden = rows.length - shown.length
  return [...shown, ...(hidden > 0 ? [colors.dim(`… and ${hidden} more machines`)] : []), describeProgress(view)]
}

interface Present {
  readonly now: number
  readonly columns: number
}

function describeMachine(name: string, { state, test, since }: MachineRow, { now, columns }: Present): string {
  const time = formatMs(now - since)
  const room = columns - 1 - `… ${name}  ${time}`.length
  const what = test === undefined ? colors.dim(states[state]) : cut(test, room)
  return `${colors.cyan('…')} ${name} ${what} ${colors.dim(time)}`
}

/** Cuts a name to a number of characters: a wrapped line would be hard to read. */
function cut(name: string, room: number): string {
  return name.length <= room ? name : `${name.slice(0, Math.max(0, room - 1))}…`
}

function describeProgress({ total, left, failed, infra, estimatedLeftMs }: PoolView): string {
  const parts = [
    `${total - left} of ${total} done`,
    ...describeFailures({ failed, infra }),
    ...(estimatedLeftMs === undefined ? [] : [`about ${roundTime(estimatedLeftMs)} left`]),
  ]
  return parts.join(', ')
}

/** An estimate has no tenths: `40 s`, `12 min`. */
function roundTime(ms: number): string {
  const seconds = Math.max(1, Math.round(ms / 1_000))
  return seconds < 120 ? `${seconds} s` : `${Math.round(seconds / 60)} min`
}

/** Numbers of tests by result. */
interface Results {
  readonly passed: number
  readonly failed: number
  readonly infra: number
  readonly notRun: number
}

/** Returns `57 passed, 2 failed, 1 not run`. */
export function describeResults({ passed, notRun, ...failures }: Results): string {
  const rest = notRun > 0 ? [colors.yellow(`${notRun} not run`)] : []
  return [colors.green(`${passed} passed`), ...describeFailures(failures), ...rest].join(', ')
}

function describeFailures({ failed, infra }: Pick<Results, 'failed' | 'infra'>): string[] {
  return [
    ...(failed > 0 ? [colors.red(`${failed} failed`)] : []),
    ...(infra > 0 ? [colors.yellow(`${infra} could not be run`)] : []),
  ]
}

/** Returns `57 passed, 2 failed in 32.0 s`, and the leftovers of the run. */
export function describeSummary(summary: RunSummary): string {
  const { durationMs, reason, leftBehind } = summary
  const left = leftBehind.map((machine) => `\n${colors.yellow('!')} could not be given back: ${machine}`)
  return `${describeResults(summary)} in ${formatMs(durationMs)}${reason === null ? '' : `\n${reason}`}${left.join('')}`
}
