import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { monotonicMs } from '../../src/kernel/clock.ts'
import { CommandError } from '../../src/kernel/errors.ts'

/** Output of a terminal, and its time since the start of the command. */
export interface Chunk {
  readonly atMs: number
  readonly text: string
}

export interface Recording {
  readonly chunks: readonly Chunk[]
  /** Time of the interrupt. */
  readonly interruptedAtMs: number
}

export interface RecordedCommand {
  /** A line for a shell. */
  readonly line: string
  readonly directory: string
  readonly environment: NodeJS.ProcessEnv
  readonly columns: number
  /** Ctrl-C is typed when the output contains this text. */
  readonly interruptAt: string
}

/** The program of util-linux that makes a pseudo-terminal. */
const terminal = 'script'
const interrupt = '\x03'

/** Runs a command in a pseudo-terminal until it is ready, types Ctrl-C, and waits for the end. */
export async function record(command: RecordedCommand): Promise<Recording> {
  const line = `stty cols ${command.columns} rows 40; exec ${command.line}`
  const child = spawn(terminal, ['--quiet', '--flush', '--return', '--command', line, '/dev/null'], {
    cwd: command.directory,
    env: { ...command.environment, TERM: 'xterm-256color', SHELL: '/bin/sh' },
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const closed = once(child, 'close')
  const startedAt = monotonicMs()
  const chunks: Chunk[] = []
  let interruptedAtMs: number | undefined
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    const atMs = monotonicMs() - startedAt
    chunks.push({ atMs, text })
    if (interruptedAtMs !== undefined || !chunks.some((chunk) => chunk.text.includes(command.interruptAt))) return
    interruptedAtMs = atMs
    child.stdin.write(interrupt)
  })
  const [exitCode] = await closed
  const output = chunks.map(({ text }) => text).join('')
  if (interruptedAtMs === undefined) throw new CommandError(`"${command.line}" was not ready:\n${output}`, exitCode)
  return { chunks, interruptedAtMs }
}
