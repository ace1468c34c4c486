import { spawnSync } from 'node:child_process'
import { accessSync, constants, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'vitest'
import type { Shell } from '../../src/shell/format.ts'

export interface ShellUnderTest {
  readonly name: string
  readonly argv: readonly string[]
  readonly installs: string
  readonly format: Shell
  /** How a user evaluates the output of a command, here of `cat FILE`. */
  readonly evaluations: readonly string[]
  /** Which of them holds in the C locale, where tcsh's `eval` does not; see `src/shell/csh.ts`. */
  readonly evaluationInC: string
}

type Forms = readonly [string, ...string[]]

const posixForms: Forms = ['eval "$(cat FILE)"', '. FILE']
const fishForms: Forms = ['eval "$(cat FILE)"', 'eval (cat FILE)', 'cat FILE | source']
const cshForms: Forms = ['eval "`cat FILE`"', 'source FILE']

function shell(argv: Forms, format: Shell, evaluations: Forms): ShellUnderTest {
  const evaluationInC = format === 'csh' ? 'source FILE' : evaluations[0]
  return { name: argv.join(' '), argv, installs: argv[0], format, evaluations, evaluationInC }
}

/** `pwsh` is in no Debian archive: its text is tested without it, in `powershell.test.ts`. */
export const shellsUnderTest: readonly ShellUnderTest[] = [
  shell(['dash'], 'sh', posixForms),
  shell(['bash', '--norc'], 'bash', posixForms),
  shell(['bash', '--posix'], 'sh', posixForms),
  shell(['zsh', '-f'], 'zsh', posixForms),
  shell(['zsh', '-f', '-o', 'rcquotes'], 'zsh', posixForms),
  shell(['ksh'], 'sh', posixForms),
  shell(['busybox', 'sh'], 'sh', posixForms),
  shell(['fish', '--no-config'], 'fish', fishForms),
  shell(['tcsh', '-f'], 'csh', cshForms),
]

function isInstalled(program: string): boolean {
  return (process.env.PATH ?? '').split(':').some((directory) => {
    try {
      accessSync(join(directory, program), constants.X_OK)
      return true
    } catch {
      return false
    }
  })
}

/** A test that needs this shell: without it skipped, with the reason in its title; in CI it fails instead. */
export function testIn({ installs }: ShellUnderTest, title: string, run: () => Promise<void> | void): void {
  const reason = `${installs} is not installed: apt-get install ${installs}`
  const fail = () => {
    throw new Error(reason)
  }
  if (isInstalled(installs)) test(title, run)
  else if (process.env.CI) test(title, fail)
  else test.skip(`${title} (${reason})`)
}

export interface Ran {
  readonly status: number | null
  readonly stdout: string
  readonly stderr: string
}

interface Run {
  /** What `FILE` in the script holds. */
  readonly text: string
  readonly script: string
  readonly environment?: Readonly<Record<string, string>>
}

/** Runs a script in the shell, in an environment of its own. */
export function runIn({ argv }: ShellUnderTest, { text, script, environment }: Run): Ran {
  const home = mkdtempSync(join(tmpdir(), 'test-services-shell-'))
  try {
    writeFileSync(join(home, 'text'), text)
    writeFileSync(join(home, 'script'), script.replaceAll('FILE', `${home}/text`))
    const env = { PATH: process.env.PATH, HOME: home, LANG: 'C.UTF-8', ...environment }
    const [program = '', ...options] = argv
    return spawnSync(program, [...options, join(home, 'script')], { env, encoding: 'utf8', maxBuffer: 2 ** 24 })
  } finally {
    rmSync(home, { recursive: true })
  }
}

/** For a script's last line: a child process prints its environment as JSON. */
export const printEnvironment = `'${process.execPath}' -p 'JSON.stringify(process.env)'`
