/** A dictionary of FMF, with all values of YAML. */
export type Metadata = Readonly<Record<string, unknown>>

/** Returns a list for an attribute: for a list, a single value, or a missing attribute. */
export function listOf(value: unknown): readonly unknown[] {
  if (value === undefined || value === null) return []
  return Array.isArray(value) ? value : [value]
}

/** Writes a value like Python's `str`: FMF and tmt use `str` where a text is needed. */
export function pythonText(value: unknown): string {
  if (value === true) return 'True'
  if (value === false) return 'False'
  if (value === null || value === undefined) return 'None'
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
}
