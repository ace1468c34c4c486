import type { Dialect } from './dialect.ts'

/** Returns one JSON object, with `null` for an unset variable. */
export function printJson(values: Readonly<Record<string, string | null>>): string {
  return `${JSON.stringify(values, null, 2)}\n`
}

/** Prints nothing for a failure; no JSON reader accepts an empty text. */
export const json: Dialect = {
  variables: printJson,
  unset: (names) => printJson(Object.fromEntries(names.map((name) => [name, null]))),
  failure: '',
}
