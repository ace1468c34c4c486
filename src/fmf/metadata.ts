/** A dictionary of FMF, with all values of YAML. */
export type Metadata = Readonly<Record<string, unknown>>

export function isMetadata(value: unknown): value is Metadata {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Returns a list for an attribute: for a list, a single value, or a missing attribute. */
export function listOf(value: unknown): readonly unknown[] {
  if (value === undefined || value === null) return []
  return Array.isArray(value) ? value : [value]
}

/** Names the type of a value for messages: `a text`. */
export function typeName(value: unknown): string {
  if (value === undefined || value === null) return 'nothing'
  if (Array.isArray(value)) return 'a list'
  return typeNames[typeof value] ?? 'a dictionary'
}

const typeNames: Readonly<Record<string, string>> = { string: 'a text', number: 'a number', boolean: 'a boolean' }

/** Writes a value like Python's `str`: FMF and tmt use `str` where a text is needed. */
export function pythonText(value: unknown): string {
  if (value === true) return 'True'
  if (value === false) return 'False'
  if (value === null || value === undefined) return 'None'
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
}
