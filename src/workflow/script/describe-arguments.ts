import { type AnySchema, unwrapped } from '../../service/options/parse-options.ts'
import type { StandardSchema } from '../../service/options/standard-schema.ts'

/** Formats of names that are checked before a workflow runs. */
const nameFormats = ['transport', 'service'] as const

export type NameFormat = (typeof nameFormats)[number]

/** An argument of a script, for people. */
export interface ArgumentDescription {
  readonly name: string
  /** The type in words: `text`, `list of transport`. */
  readonly type: string
  /** What the texts of the argument name. */
  readonly format?: NameFormat | undefined
  readonly isRequired: boolean
  readonly default?: unknown
  readonly description?: string | undefined
}

/**
 * Describes the arguments of a script by its schema: from valibot's entries, or from the JSON Schema that a schema
 * offers. Returns `undefined` for a schema that offers neither.
 *
 * @see https://standardschema.dev/json-schema
 */
export function describeArguments(schema: StandardSchema | undefined): ArgumentDescription[] | undefined {
  if (schema === undefined) return []
  const { entries } = unwrapped(schema as AnySchema) ?? {}
  if (entries) return Object.entries(entries).map(([name, entry]) => describeEntry(name, entry as ValibotSchema))
  const json = jsonSchemaOf(schema)
  const required = json?.required ?? []
  return (
    json?.properties &&
    Object.entries(json.properties).map(([name, each]) => ({
      name,
      type: jsonType(each),
      format: formatOf(each),
      isRequired: required.includes(name) && each.default === undefined,
      default: each.default,
      description: each.description,
    }))
  )
}

/** A schema of valibot, as far as its description needs. */
interface ValibotSchema extends AnySchema {
  readonly type: string
  readonly expects?: string
  readonly default?: unknown
  readonly pipe?: readonly PipeItem[]
  readonly options?: readonly unknown[]
}

/** The schema of a pipe, which may be a pipe, or an action. */
interface PipeItem extends Pick<ValibotSchema, 'pipe'> {
  readonly type: string
  readonly description?: string
  readonly metadata?: { readonly format?: unknown }
}

/** Returns the items of a pipe, with the items of the pipes inside. */
function itemsOf({ pipe = [] }: Pick<ValibotSchema, 'pipe'>): readonly PipeItem[] {
  return pipe.flatMap((item) => [...itemsOf(item), item])
}

function describeEntry(name: string, entry: ValibotSchema): ArgumentDescription {
  const inner = unwrapped(entry) as ValibotSchema
  const isOptional = inner !== entry
  return {
    name,
    type: valibotType(inner),
    format: formatOf(inner),
    isRequired: !isOptional,
    default: entry.default,
    description: descriptionIn(entry) ?? descriptionIn(inner),
  }
}

function descriptionIn(schema: ValibotSchema): string | undefined {
  return itemsOf(schema).findLast(({ type }) => type === 'description')?.description
}

function valibotType(schema: ValibotSchema): string {
  const { type, options = [], item, value, expects = 'any value' } = schema
  if (type === 'union') return options.map((option) => valibotType(option as ValibotSchema)).join(' or ')
  if (type === 'picklist' || type === 'enum') return options.map(String).join(' or ')
  if (type === 'array' && item) return `list of ${valibotType(item as ValibotSchema)}`
  if (type === 'record' && value) return `${valibotType(value as ValibotSchema)} by name`
  if (type === 'string') return formatOf(schema) ?? 'text'
  return type.endsWith('object') ? 'object' : expects
}

interface JsonSchema {
  readonly type?: string | readonly string[]
  readonly format?: string
  readonly properties?: Readonly<Record<string, JsonSchema>>
  readonly required?: readonly string[]
  readonly description?: string
  readonly default?: unknown
  readonly enum?: readonly unknown[]
  readonly anyOf?: readonly JsonSchema[]
  readonly items?: JsonSchema
}

interface JsonSchemaSource {
  readonly jsonSchema?: { input(options: { readonly target: string }): JsonSchema }
}

function jsonSchemaOf(schema: StandardSchema): JsonSchema | undefined {
  try {
    return (schema['~standard'] as JsonSchemaSource).jsonSchema?.input({ target: 'draft-2020-12' })
  } catch {
    // The library has types without a JSON Schema.
    return undefined
  }
}

function jsonType(schema: JsonSchema): string {
  const { type, enum: values, anyOf, items } = schema
  if (values) return values.map(String).join(' or ')
  if (anyOf) return anyOf.map(jsonType).join(' or ')
  if (type === 'array' && items) return `list of ${jsonType(items)}`
  const types = typeof type === 'string' ? [type] : (type ?? ['any value'])
  return types.map((each) => (each === 'string' ? (formatOf(schema) ?? 'text') : each)).join(' or ')
}

/**
 * Returns the format of a text, or of the texts in a list: `format` of JSON Schema, or in the metadata of a schema of
 * valibot.
 */
function formatOf(schema: FormatSource): NameFormat | undefined {
  const { format, options = [], item, anyOf = [], items } = schema
  const given = format ?? itemsOf(schema).findLast(({ metadata }) => metadata?.format)?.metadata?.format
  const own = nameFormats.find((each) => each === given)
  const inner = [...options, item, ...anyOf, items].filter((each) => typeof each === 'object' && each !== null)
  return own ?? inner.map(formatOf).find(Boolean)
}

/** A schema of valibot or a JSON Schema, as far as the format needs. */
interface FormatSource extends Pick<ValibotSchema, 'pipe' | 'options'> {
  readonly format?: unknown
  readonly item?: unknown
  readonly anyOf?: readonly unknown[] | undefined
  readonly items?: unknown
}
