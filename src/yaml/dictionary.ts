/** A dictionary of YAML, with values of all types. */
export type Dictionary = Readonly<Record<string, unknown>>

export function isDictionary(value: unknown): value is Dictionary {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Names the type of a value for messages: `a text`. */
export function typeName(value: unknown): string {
  if (value === undefined || value === null) return 'nothing'
  if (Array.isArray(value)) return 'a list'
  return typeNames[typeof value] ?? 'a dictionary'
}

const typeNames: Readonly<Record<string, string>> = { string: 'a text', number: 'a number', boolean: 'a boolean' }
