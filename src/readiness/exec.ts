import { ConfigError } from '../kernel/errors.ts'
import { requireExecutable } from '../process/executable.ts'
import type { Readiness } from './readiness.ts'

/** A process costs more than a connection, so the command is run less often. */
const execIntervalMs = 25

/**
 * Ready when this command, run in the service's directory and environment, exits with status 0. A missing program fails
 * the start with ERR_MISSING_BINARY.
 *
 * @throws ERR_CONFIG for a command that is no array
 */
export function exec(command: readonly [string, ...string[]]): Readiness {
  if (!Array.isArray(command) || command.length === 0)
    throw new ConfigError(`ready.exec(): expected a command as an array, such as ['pg_isready', '-q']`)
  const [program, ...args] = command
  return {
    description: `success of "${command.join(' ')}"`,
    intervalMs: execIntervalMs,
    async probe({ directory, environment }, signal) {
      const file = requireExecutable(program, { path: environment.PATH, directory })
      // biome-ignore lint/style/noRestrictedImports: asks a service whether it is ready
      const { execa } = await import('execa')
      await execa(file, args, {
        cwd: directory,
        env: environment,
        extendEnv: false,
        cancelSignal: signal,
        stdio: 'ignore',
      })
      return true
    },
  }
}
