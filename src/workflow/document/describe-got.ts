import { typeName } from '../../yaml/dictionary.ts'

/** Describes an unexpected value for a message: `the boolean true; put it in quotes`. */
export function describeGot(value: unknown): string {
  if (typeof value === 'boolean' || typeof value === 'number')
    return `the ${typeof value} ${value}; for a text, put it in quotes: "${value}"`
  return typeName(value)
}
