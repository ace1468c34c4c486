import { type AnySchema, unwrapped } from '../../service/options/parse-options.ts'
import type { StandardSchema } from '../../service/options/standard-schema.ts'

/** An argument of a script, for people. */
export interface ArgumentDescription {
  readonly name: string
  /** The type in words: `text`, `list of text`. */
  readonly type: string
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
  readonly pipe?: readonly { readonly type: string; readonly description?: string }[]
  readonly options?: readonly unknown[]
}

function describeEntry(name: string, entry: ValibotSchema): ArgumentDescription {
  const inner = unwrapped(entry) as ValibotSchema
  const isOptional = inner !== entry
  return {
    name,
    type: valibotType(inner),
    isRequired: !isOptional,
    default: entry.default,
    description: descriptionIn(entry) ?? descriptionIn(inner),
  }
}

function descriptionIn({ pipe = [] }: ValibotSchema): string | undefined {
  return pipe.findLast(({ type }) => type === 'description')?.description
}

const plainTypes: Readonly<Record<string, string>> = { string: 'text' }

function valibotType(schema: ValibotSchema): string {
  const { type, options = [], item, value, expects = 'any value' } = schema
  if (type === 'union') return options.map((option) => valibotType(option as ValibotSchema)).join(' or ')
  if (type === 'picklist' || type === 'enum') return options.map(String).join(' or ')
  if (type === 'array' && item) return `list of ${valibotType(item as ValibotSchema)}`
  if (type === 'record' && value) return `${valibotType(value as ValibotSchema)} by name`
  return plainTypes[type] ?? (type.endsWith('object') ? 'object' : expects)
}

interface JsonSchema {
  readonly type?: string | readonly string[]
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

function jsonType({ type, enum: values, anyOf, items }: JsonSchema): string {
  if (values) return values.map(String).join(' or ')
  if (anyOf) return anyOf.map(jsonType).join(' or ')
  if (type === 'array' && items) return `list of ${jsonType(items)}`
  const types = typeof type === 'string' ? [type] : (type ?? ['any value'])
  return types.map((each) => plainTypes[each] ?? each).join(' or ')
}
