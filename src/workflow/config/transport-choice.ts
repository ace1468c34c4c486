import * as v from 'valibot'
import { didYouMean } from '../../kernel/suggestion.ts'
import { describeIssues, type OptionProblem } from '../../service/options/parse-options.ts'
import { nameSchema, textSchema, timeoutSchema } from '../../service/options/plan-schema.ts'
import type { SchemaIssue } from '../../service/options/schema-issue.ts'
import { containerOptionsSchema } from '../../transport/container-options.ts'
import { sshOptionsSchema } from '../../transport/ssh/ssh-options.ts'
import { type Dictionary, isDictionary, typeName } from '../../yaml/dictionary.ts'
import { likeJson, type Overrides } from './overrides.ts'
import { initiator } from './transport-names.ts'

const newContainerSchema = v.strictObject({
  image: v.pipe(v.string(), v.nonEmpty()),
  user: v.optional(v.string()),
  environment: v.optional(v.record(nameSchema, textSchema)),
  network: v.optional(v.picklist(['host', 'own'])),
  longestLifeMs: v.optional(timeoutSchema),
})

type OptionsSchema = v.GenericSchema & { readonly entries: Readonly<Record<string, v.GenericSchema>> }

const nameForm = /^[A-Za-z][\w-]*$/

/** Checks the transport of a name. */
export function problemsOfTransport(name: string, transport: unknown): OptionProblem[] {
  if (!nameForm.test(name))
    return [problem('a transport has a name of letters, digits, "-" and "_" that begins with a letter')]
  if (name === initiator) return [problem('this name is reserved: it is always this machine')]
  if (!isDictionary(transport)) return [problem(`expected a dictionary with a type, but got ${typeName(transport)}`)]
  const { type, ...options } = transport
  const schema = schemaOf(transport)
  if ('isAboutKey' in schema) return [schema]
  const { issues = [] } = v.safeParse(schema, options)
  return describeIssues(schema, issues as readonly SchemaIssue[])
}

function problem(message: string, keys: readonly string[] = []): OptionProblem {
  return { keys, message, isAboutKey: false }
}

/** Returns the schema for the options of a transport, or what is wrong with the transport. */
function schemaOf({ type, ...options }: Dictionary): OptionsSchema | OptionProblem {
  if (type === 'local') return v.strictObject({})
  if (type === 'ssh') return sshOptionsSchema
  if (type === 'container') return containerSchema(options)
  const expected = 'expected local, ssh or container'
  if (type === undefined) return problem(`type: missing; ${expected}`)
  const hint = didYouMean(String(type), ['local', 'ssh', 'container'])
  return problem(`${expected}, but got ${JSON.stringify(type)}${hint}`, ['type'])
}

function containerSchema(options: Dictionary): OptionsSchema | OptionProblem {
  const hasName = options.name !== undefined
  const hasImage = options.image !== undefined
  if (hasName !== hasImage) return hasName ? containerOptionsSchema : newContainerSchema
  const got = hasName ? 'both' : 'neither'
  return problem(`expected the name of a running container, or the image of a new one, but got ${got}`)
}

const entriesByType: Readonly<Record<string, OptionsSchema['entries']>> = {
  ssh: sshOptionsSchema.entries,
  container: { ...containerOptionsSchema.entries, ...newContainerSchema.entries },
}

/**
 * Returns a transport with its overrides, also those of options that are not in the files. A different type drops the
 * options of the files.
 */
export function withOverrides(name: string, transport: unknown, overrides: Overrides): unknown {
  if (!isDictionary(transport)) return transport
  const textFor = (key: string): string | undefined => overrides.textFor(['transports', name, key])
  const type = textFor('type') ?? transport.type
  const options = type === transport.type ? transport : {}
  const changed = Object.entries(entriesByType[String(type)] ?? {}).flatMap(([key, schema]) => {
    const text = textFor(key)
    return text === undefined ? [] : [[key, converted(text, schema)] as const]
  })
  return { ...options, type, ...Object.fromEntries(changed) }
}

/** Converts a text to a number, a boolean or a list if the option takes no text. */
function converted(text: string, schema: v.GenericSchema): unknown {
  const value = likeJson(text)
  const isBetterText = v.is(schema, text) && typeof value === 'number'
  return v.is(schema, value) && !isBetterText ? value : text
}
