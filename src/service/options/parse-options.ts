import { ConfigError } from '../../kernel/errors.ts'
import { secretKey } from '../../kernel/secrets.ts'
import { didYouMean } from '../../kernel/suggestion.ts'
import { isAboutKey, keysOf, type SchemaIssue } from './schema-issue.ts'
import type { StandardSchema } from './standard-schema.ts'

/**
 * Checks options written by a user.
 *
 * @param path place of the options, for the message: `postgres()`, `profiles.development.db`
 * @throws ERR_CONFIG naming the path, the expected value, and the nearest known name for an unknown key
 */
export function parseOptions<Output>(schema: StandardSchema<Output>, value: unknown, path: string): Output {
  const result = schema['~standard'].validate(value)
  if ('then' in result) throw new ConfigError(`${path}: the schema is asynchronous; expected one that answers at once`)
  if (!result.issues) return result.value
  const messages = describeIssues(schema, result.issues).map(
    ({ keys, message }) => `${[path, ...keys].join('.')}: ${message}`,
  )
  throw new ConfigError(messages.join('\n'))
}

/** A mistake in options. */
export interface OptionProblem {
  /** Keys that lead to the mistake. */
  readonly keys: readonly string[]
  readonly message: string
  /** Whether the key is wrong, as opposed to the value. */
  readonly isAboutKey: boolean
}

/** Describes the issues of a schema. */
export function describeIssues(schema: object, issues: readonly SchemaIssue[]): OptionProblem[] {
  return issues.flatMap(withinForms).map((issue) => ({
    keys: keysOf(issue),
    message: describeIssue(issue, schema),
    isAboutKey: isAboutKey(issue),
  }))
}

/** Replaces an issue of several forms by the issues inside the form of the value, if any. */
function withinForms(issue: SchemaIssue): SchemaIssue[] {
  const inner = issue.type === 'union' ? (issue.issues?.filter(({ path }) => path) ?? []) : []
  if (inner.length === 0) return [issue]
  return inner.flatMap((each) => withinForms({ ...each, path: [...(issue.path ?? []), ...(each.path ?? [])] }))
}

function describeIssue(issue: SchemaIssue, schema: object): string {
  if (issue.received === undefined) return issue.message
  if (!isAboutKey(issue) || issue.type === 'check')
    return `expected ${expectation(issue)}, but got ${receivedIn(issue)}`
  return issue.expected === 'never' ? unknownKey(issue, knownKeys(schema, issue)) : 'missing'
}

/** Describes the received value; a text under the key of a secret is not shown. */
function receivedIn(issue: SchemaIssue): string {
  const { received = 'nothing' } = issue
  return received.startsWith('"') && secretKey.test(keysOf(issue).at(-1) ?? '') ? 'another value' : received
}

const plainNames: Readonly<Record<string, string>> = { Array: 'a list', Object: 'an object' }

/** Describes the expected value. Types have a name in `expected`; finer checks have only the schema's message. */
function expectation({ type = '', expected, message }: SchemaIssue): string {
  if (type === 'non_empty') return 'at least one'
  return expected && !['custom', 'check', 'regex'].includes(type) ? (plainNames[expected] ?? expected) : message
}

function unknownKey(issue: SchemaIssue, known: readonly string[]): string {
  const key = keysOf(issue).at(-1) ?? ''
  if (known.length === 0) return 'unknown key'
  return `unknown key${suggestion(key, known)}; expected one of ${known.join(', ')}`
}

/** Names of the same option: `environment` in a command, `variables` in a script. */
const sameThing: readonly string[] = ['environment', 'variables', 'env']

function suggestion(key: string, known: readonly string[]): string {
  const other = sameThing.includes(key) ? known.find((name) => sameThing.includes(name)) : undefined
  return other ? ` (did you mean "${other}"?)` : didYouMean(key, known)
}

/** Returns the keys known beside the key of an issue, if the schema is valibot's. */
function knownKeys(schema: object, issue: SchemaIssue): string[] {
  const keys = keysOf(issue).slice(0, -1)
  const owner = keys.reduce<AnySchema | undefined>(childOf, schema)
  return Object.keys(unwrapped(owner)?.entries ?? {})
}

/** How schemas nest: an optional schema wraps a schema, an object has entries, an array items, a record values. */
export interface AnySchema {
  readonly wrapped?: AnySchema
  readonly entries?: Readonly<Record<string, AnySchema>>
  readonly item?: AnySchema
  readonly value?: AnySchema
}

function childOf(schema: AnySchema | undefined, key: string): AnySchema | undefined {
  const parent = unwrapped(schema)
  return parent?.entries?.[key] ?? parent?.item ?? parent?.value
}

export function unwrapped(schema: AnySchema | undefined): AnySchema | undefined {
  return schema?.wrapped ? unwrapped(schema.wrapped) : schema
}
