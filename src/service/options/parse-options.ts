import * as v from 'valibot'
import { ConfigError } from '../../kernel/errors.ts'
import { didYouMean } from '../../kernel/suggestion.ts'

type Schema = v.GenericSchema

/**
 * Checks options written by a user.
 *
 * @param path place of the options, for the message: `postgres()`, `profiles.development.db`
 * @throws ERR_CONFIG naming the path, the expected value, and the nearest known name for an unknown key
 */
export function parseOptions<S extends Schema>(schema: S, value: unknown, path: string): v.InferOutput<S> {
  const result = v.safeParse(schema, value)
  if (result.success) return result.output
  const messages = result.issues.flatMap(withinForms).map((issue) => describeIssue(issue, path, schema))
  throw new ConfigError(messages.join('\n'))
}

type Issue = v.BaseIssue<unknown>

/** Replaces an issue of several forms by the issues inside the form that the value has, if there are any. */
function withinForms(issue: Issue): Issue[] {
  const inner = issue.type === 'union' ? (issue.issues?.filter(({ path }) => path) ?? []) : []
  if (inner.length === 0) return [issue]
  return inner.flatMap((each) => withinForms(within(issue, each)))
}

function within(outer: Issue, inner: Issue): Issue {
  const [first, ...rest] = [...(outer.path ?? []), ...(inner.path ?? [])]
  return first ? { ...inner, path: [first, ...rest] } : inner
}

function describeIssue(issue: Issue, path: string, schema: Schema): string {
  const inner = v.getDotPath(issue)
  const at = inner ? `${path}.${inner}` : path
  if (issue.path?.at(-1)?.origin !== 'key' || issue.type === 'check')
    return `${at}: expected ${expectation(issue)}, but got ${issue.received}`
  return issue.expected === 'never' ? unknownKey(at, issue, knownKeys(schema, issue)) : `${at}: missing`
}

/** Describes the expected value. Types have a name in `expected`; finer checks have only the schema's message. */
function expectation({ type, expected, message }: Issue): string {
  if (type === 'non_empty') return 'at least one'
  return expected && !['custom', 'check', 'regex'].includes(type) ? expected : message
}

function unknownKey(at: string, issue: Issue, known: readonly string[]): string {
  const key = String(issue.path?.at(-1)?.key)
  if (known.length === 0) return `${at}: unknown key`
  return `${at}: unknown key${suggestion(key, known)}; expected one of ${known.join(', ')}`
}

/** Names of one option: `environment` in a command, `variables` in a script. */
const sameThing: readonly string[] = ['environment', 'variables', 'env']

function suggestion(key: string, known: readonly string[]): string {
  const other = sameThing.includes(key) ? known.find((name) => sameThing.includes(name)) : undefined
  return other ? ` (did you mean "${other}"?)` : didYouMean(key, known)
}

/** Returns the keys known beside the key of an issue. */
function knownKeys(schema: Schema, issue: Issue): string[] {
  const keys = issue.path?.slice(0, -1).map(({ key }) => key) ?? []
  const owner = keys.reduce<AnySchema | undefined>(childOf, schema as AnySchema)
  return Object.keys(unwrapped(owner)?.entries ?? {})
}

/** How schemas nest: an optional schema wraps a schema, an object has entries, an array items, a record values. */
interface AnySchema {
  readonly wrapped?: AnySchema
  readonly entries?: Readonly<Record<string, AnySchema>>
  readonly item?: AnySchema
  readonly value?: AnySchema
}

function childOf(schema: AnySchema | undefined, key: unknown): AnySchema | undefined {
  const parent = unwrapped(schema)
  return parent?.entries?.[String(key)] ?? parent?.item ?? parent?.value
}

function unwrapped(schema: AnySchema | undefined): AnySchema | undefined {
  return schema?.wrapped ? unwrapped(schema.wrapped) : schema
}
