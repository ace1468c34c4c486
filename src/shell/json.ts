import type { Dialect } from './dialect.ts'

function print(values: Readonly<Record<string, string | null>>): string {
  return `${JSON.stringify(values, null, 2)}\n`
}

/** One object; `null` stands for an unset variable. A failure prints nothing, which no JSON reader accepts. */
export const json: Dialect = {
  variables: print,
  unset: (names) => print(Object.fromEntries(names.map((name) => [name, null]))),
  failure: '',
}
