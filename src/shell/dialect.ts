/** Writes variables for one shell or file format. The text is exact, or the method throws `UsageError`. */
export interface Dialect {
  variables(variables: Readonly<Record<string, string>>): string
  unset(names: readonly string[]): string
  /** Text that makes the reader fail too; see `printFailure`. */
  readonly failure: string
}

interface Lines {
  assign(name: string, value: string): string
  unset(name: string): string
  readonly failure: string
}

function join(lines: readonly string[]): string {
  return lines.map((line) => `${line}\n`).join('')
}

/** Returns a dialect with one statement for each variable, in the given order. */
export function lineByLine({ assign, unset, failure }: Lines): Dialect {
  return {
    variables: (variables) => join(Object.entries(variables).map(([name, value]) => assign(name, value))),
    unset: (names) => join(names.map(unset).filter((line) => line !== '')),
    failure,
  }
}
