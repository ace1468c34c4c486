import { parseJson } from '../../kernel/parse-json.ts'

/** The names allowed between `openjd_` and the colon. */
const kinds = [
  'progress',
  'status',
  'fail',
  'env',
  'unset_env',
  'redacted_env',
  'session_runtime_loglevel',
  'service_ready',
] as const

export const logLevels = ['ERROR', 'WARNING', 'INFO', 'DEBUG'] as const

export type LogLevel = (typeof logLevels)[number]

/** Message from an action to its session, sent as a line of output. */
export type ActionMessage =
  | { readonly kind: 'progress'; readonly progress: number }
  | { readonly kind: 'status' | 'fail'; readonly text: string }
  | { readonly kind: 'env'; readonly name: string; readonly value: string; readonly isSecret: boolean }
  | { readonly kind: 'unset_env'; readonly name: string }
  | { readonly kind: 'loglevel'; readonly level: LogLevel }
  /** The server is ready, or still alive; only sent by the `onRun` of a script. */
  | { readonly kind: 'service_ready'; readonly text: string }

/** Result for a line with the look of a message. */
export interface ParsedLine {
  readonly message?: ActionMessage
  /** Description of the mistake in the line, for the log. */
  readonly problem?: string
  /** Whether the action is canceled and fails. */
  readonly isFatal?: boolean
  /** Value to hide in every log from now on, including this line. */
  readonly secret?: string
}

/** Only a line feed ends a line: U+2028, U+2029 and a carriage return may stand in a message. */
const messageForm = new RegExp(`^openjd_(${kinds.join('|')}): (.+)$`, 's')
/**
 * Matches a misspelt message: wrong case, indented, or with different spacing. The author meant to set a variable. The
 * whole word counts: `openjd_environment: ready` and `openjd_env.sh: not found` are ordinary output.
 */
const nearMissForm = /^\s*openjd_(env|redacted_env|unset_env)(?=[\s:=]|$)/i
const assignmentForm = /^([A-Za-z_][A-Za-z0-9_]*)=(.*)$/s
const quotedAssignmentForm = /^"[A-Za-z_][A-Za-z0-9_]*=/
const nameForm = /^[A-Za-z_][A-Za-z0-9_]*$/
const numberForm = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i

/**
 * Parses one line, without its line break; returns `undefined` for ordinary output.
 *
 * @see https://github.com/OpenJobDescription/openjd-specifications/wiki/How-Jobs-Are-Run for the forms
 */
export function parseLine(line: string): ParsedLine | undefined {
  const [, kind, text = ''] = messageForm.exec(line) ?? []
  if (kind === undefined) return nearMissForm.test(line) ? nearMiss(line) : undefined
  switch (kind as (typeof kinds)[number]) {
    case 'progress':
      return progress(text.trim())
    case 'status':
      return { message: { kind: 'status', text } }
    case 'fail':
      return { message: { kind: 'fail', text } }
    case 'env':
      return assignment(text.trimStart(), false)
    case 'redacted_env':
      return assignment(text.trimStart(), true)
    case 'unset_env':
      return unset(text.trimStart())
    case 'service_ready':
      return { message: { kind: 'service_ready', text } }
    case 'session_runtime_loglevel':
      return logLevel(text.trim().toUpperCase())
  }
}

function progress(text: string): ParsedLine {
  const value = numberForm.test(text) ? Number(text) : Number.NaN
  if (value >= 0 && value <= 100) return { message: { kind: 'progress', progress: value } }
  return { problem: `progress is a number from 0 to 100, not "${text}"` }
}

function logLevel(text: string): ParsedLine {
  const level = logLevels.find((known) => known === text)
  if (level) return { message: { kind: 'loglevel', level } }
  return { problem: `a log level is one of ${logLevels.join(', ')}, not "${text}"` }
}

function unset(name: string): ParsedLine {
  if (nameForm.test(name)) return { message: { kind: 'unset_env', name } }
  return { problem: 'expected the name of a variable and nothing else', isFatal: true }
}

function assignment(text: string, isSecret: boolean): ParsedLine {
  const plain = quotedAssignmentForm.test(text) ? unquote(text) : text
  const [, name, value] = assignmentForm.exec(plain ?? '') ?? []
  if (name !== undefined && value !== undefined && !value.includes('\0')) {
    return { message: { kind: 'env', name, value, isSecret }, ...(isSecret && { secret: value }) }
  }
  return { problem: whyNot(text, plain), isFatal: true, ...(isSecret && { secret: valuePart(text) }) }
}

function whyNot(text: string, plain: string | undefined): string {
  if (plain === undefined) return 'the JSON string is malformed, such as one without its closing quote'
  if (plain.includes('\0')) return 'a variable cannot hold the character NUL'
  if (!text.includes('=')) return 'expected NAME=value, but there is no "="'
  return 'expected NAME=value, where a name has letters, digits and "_" and begins with no digit'
}

/** Decodes the JSON form, in which a value may contain newlines. */
function unquote(text: string): string | undefined {
  const value = parseJson(text)
  return typeof value === 'string' ? value : undefined
}

function nearMiss(line: string): ParsedLine {
  const problem = 'this is nearly a message; one begins the line, in small letters, with one space after the colon'
  const isSecret = /^\s*openjd_redacted_env/i.test(line)
  const rest = line.replace(/^\s*openjd_redacted_env\s*:?\s*/i, '')
  return { problem, isFatal: true, ...(isSecret && { secret: valuePart(rest) }) }
}

/** Best guess at the secret in a malformed `openjd_redacted_env` line. */
function valuePart(text: string): string {
  const quoted = text.trim()
  const plain = (quoted.startsWith('"') && unquote(quoted)) || quoted
  return plain.slice(plain.indexOf('=') + 1).trim()
}
