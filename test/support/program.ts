import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface, type Interface } from 'node:readline'
import type { Readable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { inject, onTestFinished } from 'vitest'

const directory = fileURLToPath(new URL('../programs', import.meta.url))

/** Returns the command line of a program in `test/programs`; one in TypeScript is run as it was bundled. */
export function programArgv(name: string, ...args: readonly string[]): string[] {
  if (!name.endsWith('.ts')) return [`${directory}/${name}`, ...args]
  const bundled = `${inject('installation')}/node_modules/test-services/programs/${name.replace(/ts$/, 'js')}`
  return [process.execPath, bundled, ...args]
}

export interface StartedProgram {
  readonly child: ChildProcess
  readonly pid: number
  /** The next line of its standard output; throws when that ends first. */
  line(): Promise<string>
  /** Kills it, if it still runs, and waits for its end. */
  kill(signal?: NodeJS.Signals): Promise<void>
}

/** Starts a command whose lines are read one by one; it is killed at the end of the test at the latest. */
export function startProgram(argv: readonly string[], options: SpawnOptions = {}): StartedProgram {
  const [program = '', ...args] = argv
  const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'inherit'], ...options })
  const lines = createInterface({ input: child.stdout as Readable })[Symbol.asyncIterator]()
  const kill = async (signal: NodeJS.Signals = 'SIGKILL'): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return
    const exited = once(child, 'exit')
    child.kill(signal)
    await exited
  }
  onTestFinished(() => kill())
  return { child, pid: child.pid ?? -1, line: () => nextLine(lines, argv), kill }
}

async function nextLine(lines: ReturnType<Interface[typeof Symbol.asyncIterator]>, argv: readonly string[]) {
  const { value, done } = await lines.next()
  if (done) throw new Error(`the output of ${argv.join(' ')} ended`)
  return value
}
