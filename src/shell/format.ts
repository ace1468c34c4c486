import { csh } from './csh.ts'
import type { Dialect } from './dialect.ts'
import { dotenv } from './dotenv.ts'
import { fish } from './fish.ts'
import { github } from './github.ts'
import { json, printJson } from './json.ts'
import { posix } from './posix.ts'
import { powershell } from './powershell.ts'
import { checkName, checkValue } from './variable.ts'

/** Shells that `--shell` accepts; `sh` also serves dash, ksh and BusyBox. */
export const shells = ['sh', 'bash', 'zsh', 'fish', 'csh', 'powershell'] as const

/** All output formats for variables: the shells, and the files that `--format` accepts. */
export const formats = [...shells, 'dotenv', 'json', 'github'] as const

export type Shell = (typeof shells)[number]
export type Format = (typeof formats)[number]

const dialects: Readonly<Record<Format, Dialect>> = {
  sh: posix,
  bash: posix,
  zsh: posix,
  fish,
  csh,
  powershell,
  dotenv,
  json,
  github,
}

export function isShell(name: string): name is Shell {
  return (shells as readonly string[]).includes(name)
}

export function isFormat(name: string): name is Format {
  return (formats as readonly string[]).includes(name)
}

/**
 * Returns the text that sets and exports the variables, exact for every accepted value.
 *
 * To evaluate the text: sh, bash, zsh and fish `eval "$(…)"`, csh ``eval "`…`"``, PowerShell `… | Invoke-Expression`,
 * github `… >> "$GITHUB_ENV"`.
 *
 * @throws UsageError `ERR_USAGE` for an invalid name, a NUL, or a value that the format cannot hold (dotenv only)
 */
export function printVariables(variables: Readonly<Record<string, string>>, format: Format): string {
  for (const [name, value] of Object.entries(variables)) {
    checkName(name)
    checkValue(`the value of ${name}`, value)
  }
  return dialects[format].variables(variables)
}

/**
 * Returns the text that removes the variables; unset variables do no harm. GitHub's runner can only empty variables,
 * and for dotenv the text is empty.
 *
 * @throws UsageError `ERR_USAGE` for an invalid name
 */
export function printUnset(names: readonly string[], format: Format): string {
  for (const name of names) checkName(name)
  return dialects[format].unset(names)
}

/**
 * Returns the text that sets some variables and removes those whose value is `null`.
 *
 * @throws UsageError `ERR_USAGE` like `printVariables`
 */
export function printChanges(changes: Readonly<Record<string, string | null>>, format: Format): string {
  const entries = Object.entries(changes)
  const set = Object.fromEntries(entries.filter((entry): entry is [string, string] => entry[1] !== null))
  const unset = entries.flatMap(([name, value]) => (value === null ? name : []))
  // A single text, because a JSON reader reads the whole output.
  if (format === 'json') return printJson(changes)
  return printUnset(unset, format) + printVariables(set, format)
}

/**
 * Returns the output for a failed command: `false` for a shell and `throw` for PowerShell, so that the `eval` fails as
 * well. Nothing for files: an empty text is invalid JSON, and adds nothing to a dotenv file or `GITHUB_ENV`; readers of
 * files must look at the exit code.
 */
export function printFailure(format: Format): string {
  return dialects[format].failure
}
