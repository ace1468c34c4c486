import { UsageError } from '../../kernel/errors.ts'
import { didYouMean } from '../../kernel/suggestion.ts'
import { detectShell } from '../../shell/detect.ts'
import { type Format, formats, isFormat, isShell, shells } from '../../shell/format.ts'

/** Options that every subcommand understands. */
export interface GlobalOptions {
  readonly config?: string
  readonly name?: string
  readonly prefix?: string
  readonly timeout?: string
  readonly shell?: string
  readonly format?: string
  readonly quiet?: boolean
  readonly verbose?: boolean
}

/** Returns the output format of variables: from `--format`, from `--shell`, or the shell that called us. */
export function chosenFormat({ shell, format }: GlobalOptions): Format {
  if (format !== undefined) return isFormat(format) ? format : refuse('--format', format, formats)
  if (shell !== undefined) return isShell(shell) ? shell : refuse('--shell', shell, shells)
  return detectShell(process.env)
}

function refuse(option: string, value: string, known: readonly string[]): never {
  throw new UsageError(`unknown ${option} "${value}"${didYouMean(value, known)}; expected one of ${known.join(', ')}`)
}

const units: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 }

/** Parses `--timeout 90s`, `1500ms`, `2m`, or a plain number of seconds. */
export function chosenTimeoutMs({ timeout }: GlobalOptions): number | undefined {
  if (timeout === undefined) return undefined
  const [, amount, unit = 's'] = /^(\d+(?:\.\d+)?)(ms|s|m|h)?$/.exec(timeout) ?? []
  const ms = Number(amount) * (units[unit] ?? Number.NaN)
  if (ms > 0) return ms
  throw new UsageError(`invalid --timeout "${timeout}": expected a duration such as 90s, 1500ms or 2m`)
}

const prefixForm = /^[A-Z][A-Z0-9_]*$/

export function chosenPrefix({ prefix }: GlobalOptions): string | undefined {
  if (prefix === undefined || prefixForm.test(prefix)) return prefix
  throw new UsageError(`--prefix "${prefix}" is no prefix; expected capital letters, digits and "_", such as LP`)
}
