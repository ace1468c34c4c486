import { LeftBehindError } from '../kernel/errors.ts'
import type { Ended } from '../process/ended.ts'
import { requireExecutable } from '../process/executable.ts'
import { ownEnvironment } from '../process/own-environment.ts'
import { type Announce, type GatedProcess, spawnGated } from '../process/spawn-gate.ts'
import { immediateLadder } from '../process/stop-ladder.ts'
import { terminate } from '../process/termination.ts'
import { acquireRun, type Run, releaseRun } from '../run/run.ts'

export interface SessionCommand {
  readonly argv: readonly string[]
  /** Besides this process's own environment. */
  readonly environment?: Readonly<Record<string, string>>
  /** Default: the present directory. */
  readonly directory?: string
  /** Called once it runs, with the way to signal it. */
  readonly onStart?: (signal: (name: NodeJS.Signals) => void) => void
}

/**
 * Runs a command as if it had been typed here: same terminal, same process group, standard streams inherited. What it
 * leaves running is ended with it.
 *
 * @throws ERR_MISSING_BINARY
 */
export async function runCommand(command: SessionCommand): Promise<Ended> {
  const run = await acquireRun()
  try {
    return await runIn(run, command)
  } finally {
    await releaseRun(run)
  }
}

async function runIn(run: Run, command: SessionCommand): Promise<Ended> {
  const { marks, environment: marked } = run.createInstance('COMMAND')
  const environment = { ...ownEnvironment(), ...command.environment, ...marked }
  let ended = (): void => {}
  const gated = await spawnInherited({ ...command, environment }, (identity) => {
    ended = run.record({ kind: 'process', label: command.argv.join(' '), identity, ladder: immediateLadder })
  })
  command.onStart?.((name) => gated.child.kill(name))
  const outcome = await gated.exited
  const left = await terminate({ leaders: [{ identity: gated.identity, ladder: immediateLadder }], marks })
  if (left.length > 0)
    throw new LeftBehindError(
      command.argv.join(' '),
      left.map(({ pid }) => `process ${pid}`),
    )
  ended()
  return outcome
}

function spawnInherited(
  { argv, environment, directory = process.cwd() }: Required<Pick<SessionCommand, 'environment'>> & SessionCommand,
  announce: Announce,
): Promise<GatedProcess> {
  const [program = '', ...rest] = argv
  const executable = requireExecutable(program, { path: environment.PATH, directory })
  const inherited = { stdin: 'inherit', stdout: 'inherit', stderr: 'inherit' } as const
  return spawnGated({ argv: [executable, ...rest], environment, directory, ...inherited, foreground: true }, announce)
}
