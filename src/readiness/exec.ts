import type { Readiness } from './readiness.ts'

/** A process costs more than a connection: ask less often. */
const execIntervalMs = 25

/** Ready when this command, run in the service's directory and environment, exits with status 0. */
export function exec(command: readonly [string, ...string[]]): Readiness {
  const [file, ...args] = command
  return {
    description: `success of "${command.join(' ')}"`,
    intervalMs: execIntervalMs,
    async probe({ directory, environment }, signal) {
      const { execa } = await import('execa')
      const options = {
        cwd: directory,
        env: environment,
        extendEnv: false,
        cancelSignal: signal,
        reject: false,
        stdio: 'ignore',
      } as const
      return (await execa(file, args, options)).exitCode === 0
    },
  }
}
