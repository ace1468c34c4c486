// biome-ignore lint/style/noRestrictedImports: acts as another user by sudo
import { execFile, execFileSync } from 'node:child_process'
import { userInfo } from 'node:os'
import { promisify } from 'node:util'
import { CommandError, hasCode, PermissionError, type TestServicesError } from '../kernel/errors.ts'
import { readProcFile } from './proc-file.ts'

/** A user whom this process is not, and as whom `sudo -n` lets it run things: only as that user can it end them. */
export interface SudoUser {
  readonly name: string
  readonly uid: number
}

/** A shell script for another user. Its arguments can be seen by everybody; its input cannot. */
export interface SudoScript {
  readonly script: string
  readonly args?: readonly string[]
  readonly input?: string | Buffer
}

/** A `sudo` that asks its name service for longer will not come back. */
const limitMs = 10_000
const mostOutputBytes = 16 * 1024 * 1024

/**
 * The command line of it. Everything goes through `/bin/sh`, so that one line in sudoers permits it.
 *
 * @see sudo(8): `-n` fails where a password would be asked for; sudoers(5): neither the environment nor any descriptor
 * but the standard ones is handed on
 */
export function sudoArgv({ name }: SudoUser, { script, args = [] }: SudoScript): readonly [string, ...string[]] {
  return ['sudo', '-n', '-u', name, '--', '/bin/sh', '-c', script, 'sh', ...args]
}

/** Gives what it says. @throws ERR_PERMISSION when `sudo` refuses or is missing, ERR_COMMAND when the script fails */
export function askAs(user: SudoUser, script: SudoScript): string {
  const [program, ...rest] = sudoArgv(user, script)
  try {
    return execFileSync(program, rest, { ...options(), input: script.input ?? '', stdio: 'pipe' })
  } catch (thrown) {
    throw explain(user, thrown as SudoFailure)
  }
}

/** The same for what may take its time. */
export async function doAs(user: SudoUser, script: Omit<SudoScript, 'input'>): Promise<void> {
  const [program, ...rest] = sudoArgv(user, script)
  await promisify(execFile)(program, rest, options()).catch((thrown) => {
    throw explain(user, thrown as SudoFailure)
  })
}

/** @see proc_pid_status(5): `Uid` is the real, the effective, the saved and the file system's */
export function isRunBy({ uid }: SudoUser, pid: number): boolean {
  return readProcFile(`/proc/${pid}/status`)?.includes(`\nUid:\t${uid}\t${uid}\t`) ?? false
}

function options() {
  return {
    // Where every user may be.
    cwd: '/',
    // What it says is looked at.
    env: { PATH: process.env.PATH, LC_ALL: 'C' },
    encoding: 'utf8',
    timeout: limitMs,
    killSignal: 'SIGKILL',
    maxBuffer: mostOutputBytes,
  } as const
}

interface SudoFailure extends Error {
  readonly stderr?: string
  /** Of `execFileSync`; of `execFile` it is the code. */
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

/** As sudoers names it: somebody without an entry in /etc/passwd by the number. */
function ownName(): string {
  try {
    return userInfo().username
  } catch (thrown) {
    if (hasCode(thrown, 'ERR_SYSTEM_ERROR')) return `#${process.getuid?.()}`
    throw thrown
  }
}
