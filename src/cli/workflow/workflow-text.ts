import { relative } from 'node:path'
import { stripVTControlCharacters } from 'node:util'
import { lastLines } from '../../workflow/output/command-record.ts'
import type { CommandState, StepState } from '../../workflow/output/step-record.ts'
import type { WorkflowSummary } from '../../workflow/run-workflow.ts'
import { commandLine } from '../../workflow/script/describe-command.ts'
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

/** Returns a command as one line of a terminal. */
export function oneLine(command: CommandState['command'], width: number): string {
  const text = commandLine(command).replaceAll(/\s+/g, ' ')
  return text.length <= width ? text : `${text.slice(0, Math.max(0, width - 1))}…`
}

/** Removes colors and other control characters: the text may begin or end in the middle of a sequence. */
function plainText(text: string): string {
  return stripVTControlCharacters(text).replaceAll(/[^\P{Cc}\n\t]/gu, '')
}

const shown = { lines: 10, bytes: 4_096 } as const

/** Returns the last lines of a command's output, and where the whole output is. */
export function describeOutput({ file }: FailedCommand): string {
  const lines = plainText(lastLines(file, shown))
  const path = relative(process.cwd(), file)
  if (lines === '') return `  ${colors.dim(`no output; ${path}`)}`
  return `  ${colors.dim(`last lines of ${path}:`)}\n    ${lines.replaceAll('\n', '\n    ')}`
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
