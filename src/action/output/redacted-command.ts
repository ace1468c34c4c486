import type { Redactor } from '../../kernel/redactor.ts'

/** Returns a command line for the log. Also hides the value of an `openjd_redacted_env:` line that the command prints. */
export function redactedCommand(argv: readonly string[], redactor: Redactor): string {
  const text = redactor.apply(argv.join(' '))
  const [before, ...after] = text.split(/(?<=openjd_redacted_env\s*:)/i)
  return after.length === 0 ? text : `${before} ********`
}
