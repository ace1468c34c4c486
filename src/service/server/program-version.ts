// biome-ignore lint/style/noRestrictedImports: asks a program for its version, bounded, without a run
import { execFile } from 'node:child_process'
import { realpathSync } from 'node:fs'
import { promisify } from 'node:util'
import { asError, MissingBinaryError } from '../../kernel/errors.ts'
import type { ServerDescription } from './server-description.ts'

const versionLimitMs = 10_000

/**
 * Returns the version of a program; `undefined` if the description does not say how to learn the version.
 *
 * @throws ERR_MISSING_BINARY if the program does not run, or prints no version
 */
export async function versionOf(
  program: string,
  { name, version: how }: ServerDescription,
): Promise<string | undefined> {
  if (how === undefined) return undefined
  const text = how.argv === undefined ? realpathSync(program) : await outputOf(program, how.argv)
  const version = how.pattern.exec(text)?.[1]
  if (version !== undefined) return version
  throw new MissingBinaryError(
    `${[program, ...(how.argv ?? [])].join(' ')} prints no version of ${name}: ${text.trim()}`,
  )
}

/** Reads both streams, with any exit status: some programs print the version on standard error, or fail. */
async function outputOf(program: string, argv: readonly string[]): Promise<string> {
  try {
    const { stdout, stderr } = await promisify(execFile)(program, argv, { timeout: versionLimitMs, cwd: '/' })
    return stdout + stderr
  } catch (thrown) {
    const { stdout = '', stderr = '' } = thrown as { stdout?: string; stderr?: string }
    if (stdout + stderr !== '') return stdout + stderr
    throw new MissingBinaryError(`${program} does not run: ${asError(thrown).message.trim()}`, { cause: thrown })
  }
}
