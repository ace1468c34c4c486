import type { Dialect } from './dialect.ts'

/** One object; `null` stands for an unset variable. */
export function printJson(values: Readonly<Record<string, string | null>>): string {
  return `${JSON.stringify(values, null, 2)}\n`
}

/** A failure prints nothing, which no JSON reader accepts. */
export const json: Dialect = {
  variables: printJson,
  unset: (names) => printJson(Object.fromEntries(names.map((name) => [name, null]))),
  failure: '',
}
