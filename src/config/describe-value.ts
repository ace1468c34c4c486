/** Describes an unexpected value for the message of an error. */
export function describeValue(value: unknown): string {
  if (typeof value === 'function') return `a function; did you forget to call it: ${value.name || 'it'}()?`
  if (value === undefined) return 'undefined'
  return typeof value === 'object' ? JSON.stringify(value) : `${typeof value} ${String(value)}`.trim()
}
