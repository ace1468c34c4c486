import { csh } from './csh.ts'
import type { Dialect } from './dialect.ts'
import { dotenv } from './dotenv.ts'
import { fish } from './fish.ts'
import { github } from './github.ts'
import { json, printJson } from './json.ts'
import { posix } from './posix.ts'
import { powershell } from './powershell.ts'
import { checkName, checkValue } from './variable.ts'

/** The shells whose syntax `--shell` takes; `sh` is also for dash, ksh and BusyBox. */
export const shells = ['sh', 'bash', 'zsh', 'fish', 'csh', 'powershell'] as const

/** All that variables can be printed as: the shells, and the files that `--format` takes. */
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
 * The text that sets and exports the variables, exact for every value that it returns for.
 *
 * How it is evaluated: sh, bash, zsh and fish `eval "$(…)"`, csh ``eval "`…`"``, PowerShell `… | Invoke-Expression`,
 * github `… >> "$GITHUB_ENV"`.
 *
 * @throws UsageError `ERR_USAGE` for a name that is none, a NUL, or what the format cannot hold (dotenv only)
 */
export function printVariables(variables: Readonly<Record<string, string>>, format: Format): string {
  for (const [name, value] of Object.entries(variables)) {
    checkName(name)
    checkValue(`the value of ${name}`, value)
  }
  return dialects[format].variables(variables)
}

/**
 * The text that removes the variables; those that are not set do no harm. GitHub's runner can only empty them, and
 * for dotenv there is nothing to write.
 *
 * @throws UsageError `ERR_USAGE` for a name that is none
 */
export function printUnset(names: readonly string[], format: Format): string {
  for (const name of names) checkName(name)
  return dialects[format].unset(names)
}

/**
 * The text that sets some variables and removes others, which have `null` for a value.
 *
 * @throws UsageError `ERR_USAGE` as `printVariables` does
 */
export function printChanges(changes: Readonly<Record<string, string | null>>, format: Format): string {
  const entries = Object.entries(changes)
  const set = Object.fromEntries(entries.filter((entry): entry is [string, string] => entry[1] !== null))
  const unset = entries.flatMap(([name, value]) => (value === null ? name : []))
  // One text for a program that reads it whole.
  if (format === 'json') return printJson(changes)
  return printUnset(unset, format) + printVariables(set, format)
}

/**
 * What stdout carries when the command has failed: `false` for a shell, `throw` for PowerShell, so that the `eval`
 * fails as well. Nothing for files: an empty text is no JSON, and adds nothing to a dotenv file or `GITHUB_ENV`;
 * there the exit code tells.
 */
export function printFailure(format: Format): string {
  return dialects[format].failure
}
