import { relative } from 'node:path'
import { stripVTControlCharacters } from 'node:util'
import { lastLines } from '../../workflow/output/command-record.ts'
import type { StepState } from '../../workflow/output/step-record.ts'
import type { WorkflowSummary } from '../../workflow/run-workflow.ts'
import { describeCommand, oneLine } from '../../workflow/script/describe-command.ts'
import type { FailedCommand } from '../../workflow/workflow-event.ts'
import { colors } from '../terminal/colors.ts'
import { formatMs } from '../terminal/event-text.ts'

const signs: Readonly<Record<StepState['state'], string>> = {
  waiting: colors.dim('·'),
  running: colors.cyan('…'),
  passed: colors.green('✔'),
  failed: colors.red('✖'),
  canceled: colors.dim('■'),
  skipped: colors.dim('■'),
}

const words: Readonly<Partial<Record<StepState['state'], string>>> = {
  canceled: ' was canceled',
  skipped: ' was skipped',
}

/** Returns `✖ build 1.2 s`, with the reason in a line of its own. */
export function describeStep({ name, state, elapsed, error }: StepState): string {
  const took = elapsed === undefined ? '' : ` ${colors.dim(formatMs(elapsed * 1_000))}`
  const why = error === undefined ? '' : `\n  ${error.replaceAll('\n', '\n  ')}`
  return `${signs[state]} ${name}${words[state] ?? ''}${took}${why}`
}

/** Returns the last state of a line that a program has written over and over, such as a progress bar. */
export function lastState(line: string): string {
  return line.replace(/\r+$/, '').replace(/^.*\r/s, '')
}

const shown = { lines: 10, bytes: 4_096 } as const
/** Longest line of an output, in characters. */
const longestLine = 240
/** Longest command, in characters. */
const longestCommand = 60

/** Returns a line without colors and other control characters: it may begin or end in the middle of a sequence. */
function plainLine(line: string): string {
  const text = stripVTControlCharacters(lastState(line)).replaceAll(/[^\P{Cc}\t]/gu, '')
  return text.length <= longestLine ? text : `${text.slice(0, longestLine - 1)}…`
}

/**
 * Returns the last lines of a command's output, and where the whole output is.
 *
 * @param error message of the step, which may name the command already
 */
export function describeFailed({ command, file }: FailedCommand, error = ''): string {
  const lines = lastLines(file, shown).split('\n').map(plainLine).join('\n    ')
  const path = relative(process.cwd(), file)
  const name = error.includes(describeCommand(command)) ? '' : `${oneLine(command, longestCommand)}: `
  if (lines === '') return `  ${colors.dim(`${name}no output; ${path}`)}`
  return `  ${colors.dim(`${name}last lines of ${path}:`)}\n    ${lines}`
}

/** Returns `3 passed, 1 failed, 1 skipped in 4.2 s`, and where the report is. */
export function describeSummary({ state, report }: WorkflowSummary): string {
  const count = (wanted: StepState['state']): number => state.steps.filter((step) => step.state === wanted).length
  const parts = [
    colors.green(`${count('passed')} passed`),
    ...(count('failed') > 0 ? [colors.red(`${count('failed')} failed`)] : []),
    ...(count('canceled') > 0 ? [colors.yellow(`${count('canceled')} canceled`)] : []),
    ...(count('skipped') > 0 ? [colors.dim(`${count('skipped')} skipped`)] : []),
  ]
  const tookMs = Date.parse(state.end ?? state.begin) - Date.parse(state.begin)
  const page = report === undefined ? '' : `\nreport: ${relative(process.cwd(), report)}`
  return `${parts.join(', ')} in ${formatMs(tookMs)}${page}`
}
