// biome-ignore lint/style/noRestrictedImports: acts as another user by sudo
import { execFile, execFileSync } from 'node:child_process'
import { userInfo } from 'node:os'
import { promisify } from 'node:util'
import { CommandError, hasCode, PermissionError, type TestServicesError } from '../kernel/errors.ts'
import { valueUnless } from '../kernel/value-unless.ts'

interface SudoUser {
  readonly name: string
}

/** A shell script for a different user. Every user can see the arguments; nobody else can see the input. */
export interface SudoScript {
  readonly script: string
  readonly args?: readonly string[]
  readonly input?: string | Buffer
}

/** Longest time for `sudo`: after 10 s of asking its name service, no answer will come. */
const limitMs = 10_000
const mostOutputBytes = 16 * 1024 * 1024

/**
 * Returns the command line of `sudo`. Every command goes through `/bin/sh`, so that a single line in sudoers permits
 * all.
 *
 * @see sudo(8): `-n` fails if a password would be asked for; sudoers(5): neither the environment nor any descriptor
 * except the standard ones is passed on
 */
export function sudoArgv({ name }: SudoUser, { script, args = [] }: SudoScript): readonly [string, ...string[]] {
  return ['sudo', '-n', '-u', name, '--', '/bin/sh', '-c', script, 'sh', ...args]
}

/**
 * Runs a script and returns its output. @throws ERR_PERMISSION if `sudo` refuses or is missing, ERR_COMMAND if the
 * script fails
 */
export function askAs(user: SudoUser, script: SudoScript): string {
  const [program, ...rest] = sudoArgv(user, script)
  try {
    return execFileSync(program, rest, { ...options(), input: script.input ?? '', stdio: 'pipe' })
  } catch (thrown) {
    throw explain(user, thrown as SudoFailure)
  }
}

/** Runs a slow script without blocking. Throws the errors of `askAs`. */
export async function doAs(user: SudoUser, script: Omit<SudoScript, 'input'>): Promise<void> {
  const [program, ...rest] = sudoArgv(user, script)
  await promisify(execFile)(program, rest, options()).catch((thrown) => {
    throw explain(user, thrown as SudoFailure)
  })
}

function options() {
  return {
    // Every user may enter this directory.
    cwd: '/',
    // Messages in English, because our code parses them.
    env: { PATH: process.env.PATH, LC_ALL: 'C' },
    encoding: 'utf8',
    timeout: limitMs,
    killSignal: 'SIGKILL',
    maxBuffer: mostOutputBytes,
  } as const
}

interface SudoFailure extends Error {
  readonly stderr?: string
  /** Exit status, set by `execFileSync`; `execFile` puts the exit status in `code`. */
  readonly status?: number | null
  readonly code?: string | number | null
}

const refusalForm = /^(sudo: |Sorry, )/m

function explain({ name }: SudoUser, cause: SudoFailure): TestServicesError {
  const tried = `sudo -n -u ${name} -- /bin/sh`
  if (hasCode(cause, 'ENOENT')) {
    const message = `cannot act as user "${name}": there is no sudo in PATH; install it, and ${permitting(name)}`
    return new PermissionError(message, { cause })
  }
  const said = cause.stderr?.trim() || `nothing within ${limitMs} ms`
  const message = `cannot act as user "${name}": "${tried}" said: ${said}`
  if (refusalForm.test(said) || !cause.stderr)
    return new PermissionError(`${message}\n  ${permitting(name)}`, { cause })
  return new CommandError(message, cause.status ?? undefined, { cause })
}

function permitting(name: string): string {
  return `let a file in /etc/sudoers.d have the line: ${ownName()} ALL=(${name}) NOPASSWD: /bin/sh`
}

/** Returns our name in the notation of sudoers: the number for a user without an entry in /etc/passwd. */
function ownName(): string {
  return valueUnless(['ERR_SYSTEM_ERROR'], () => userInfo().username) ?? `#${process.getuid?.()}`
}
