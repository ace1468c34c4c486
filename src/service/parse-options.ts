import { closest } from 'fastest-levenshtein'
import * as v from 'valibot'
import { ConfigError } from '../kernel/errors.ts'

type Schema = v.GenericSchema

/**
 * Checks options that a user wrote.
 *
 * @param path where they stand, for the message: `postgres()`, `profiles.development.db`
 * @throws ERR_CONFIG naming the path, what was expected, and the nearest name of an unknown key
 */
export function parseOptions<S extends Schema>(schema: S, value: unknown, path: string): v.InferOutput<S> {
  const result = v.safeParse(schema, value)
  if (result.success) return result.output
  const messages = result.issues.map((issue) => describeIssue(issue, path, schema))
  throw new ConfigError(messages.join('\n'))
}

function describeIssue(issue: v.BaseIssue<unknown>, path: string, schema: Schema): string {
  const inner = v.getDotPath(issue)
  const at = inner ? `${path}.${inner}` : path
  if (issue.expected === 'never') return unknownKey(at, issue, knownKeys(schema))
  return `${at}: expected ${expectation(issue)}, but got ${issue.received}`
}

function expectation(issue: v.BaseIssue<unknown>): string {
  return issue.type === 'check' || issue.type === 'regex' ? issue.message : (issue.expected ?? issue.message)
}

function unknownKey(at: string, issue: v.BaseIssue<unknown>, known: readonly string[]): string {
  const key = String(issue.path?.at(-1)?.key)
  const list = known.length > 0 ? `; expected one of ${known.join(', ')}` : ''
  const hint = known.length > 0 ? ` (did you mean "${closest(key, [...known])}"?)` : ''
  return `${at}: unknown key${hint}${list}`
}

function knownKeys(schema: Schema): string[] {
  const entries = (schema as { entries?: Record<string, unknown> }).entries
  return entries ? Object.keys(entries) : []
}
