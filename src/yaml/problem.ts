import { ConfigError } from '../kernel/errors.ts'

/** Place in a file, for messages. Both numbers begin with 1. */
export interface Position {
  readonly line: number
  readonly column: number
}

/** A mistake in a file. */
export interface Problem {
  readonly position: Position
  readonly message: string
}

/** Describes problems in the order of the file, each once: `file:line:column: what`. */
export function describeProblems(file: string, problems: readonly Problem[]): string[] {
  const sorted = problems.toSorted((a, b) => a.position.line - b.position.line || a.position.column - b.position.column)
  const lines = sorted.map(
    ({ position: { line, column }, message }) => `${file}:${line}:${column}: ${printable(message)}`,
  )
  return [...new Set(lines)]
}

/** Writes control characters of a key or a value as `\n`: each problem is one line. */
function printable(message: string): string {
  return message.replaceAll(/[\p{Cc}\u2028\u2029]/gu, (char) => {
    const escaped = JSON.stringify(char).slice(1, -1)
    return escaped === char ? `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}` : escaped
  })
}

/** Refuses a file with problems: one error names all. @throws ERR_CONFIG */
export function refuse(file: string, problems: readonly Problem[]): void {
  if (problems.length > 0) throw new ConfigError(describeProblems(file, problems).join('\n'))
}
