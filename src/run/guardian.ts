// biome-ignore lint/style/noRestrictedImports: starts the guardian of a run
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { packageProgram } from '../host/package-program.ts'
import { later } from '../kernel/deadline.ts'
import { StateError } from '../kernel/errors.ts'
import { guardianMark } from '../process/termination.ts'
import { instanceVariable, type RunRecord, runVariable } from './run-record.ts'

/**
 * Blocks until the holder is gone, then becomes the sweep of this run. A shell waits in 0.1 MiB of private memory; the
 * same in Node costs 7 MiB.
 */
const guardianScript = 'trap "" HUP INT QUIT TERM; read -r end; exec "$@"'

/** A machine on which a shell dies at once must not be made to start shells for ever. */
const mostRestarts = 20
/** Where the system starts no process at the moment; each time so much longer. */
const pauseMs = 50

/** Cleans up a run should its holder die. It is armed as soon as it is spawned: the pipe is its fuse. */
export class Guardian {
  readonly #record: RunRecord
  readonly #stateDirectory: string
  #process: ChildProcess
  #dismissed = false
  #restarts = 0

  /** @throws ERR_STATE when the system starts no process */
  constructor(record: RunRecord, stateDirectory: string) {
    this.#record = record
    this.#stateDirectory = stateDirectory
    this.#process = this.#spawn()
    if (this.#process.pid !== undefined) return
    this.#dismissed = true
    throw new StateError('cannot start /bin/sh as the guardian of this run: the system starts no further process')
  }

  get pid(): number | undefined {
    return this.#process.pid
  }

  /** Nothing is left to guard. The signal works on a stopped guardian as well, which would not read a word. */
  async dismiss(): Promise<void> {
    this.#dismissed = true
    const { exitCode, signalCode, pid } = this.#process
    if (exitCode !== null || signalCode !== null || pid === undefined) return
    this.#process.ref()
    const exited = once(this.#process, 'exit')
    this.#process.kill('SIGKILL')
    await exited
  }

  #spawn(): ChildProcess {
    const sweep = [...packageProgram('sweep'), JSON.stringify(this.#record)]
    const child = spawn('/bin/sh', ['-c', guardianScript, 'test-services-guardian', ...sweep], {
      cwd: '/',
      detached: true,
      stdio: ['pipe', 'ignore', 'ignore'],
      env: guardianEnvironment(this.#stateDirectory),
    })
    child.on('exit', () => this.#restart())
    // A spawn that fails has no pid and no exit.
    child.on('error', () => this.#restartSoon())
    // A guardian that was killed breaks the pipe; its exit is what is acted on.
    child.stdin?.on('error', () => {})
    child.unref()
    // A pipe of a child is a socket to Node, which would keep a finished script alive.
    ;(child.stdin as { unref?: () => void } | null)?.unref?.()
    return child
  }

  #restart(): void {
    if (this.#dismissed) return
    if (this.#restarts++ === mostRestarts) {
      process.emitWarning(
        `the guardian of run ${this.#record.id} was killed, or could not be started, ${mostRestarts} times and is not restarted`,
      )
      return
    }
    try {
      this.#process = this.#spawn()
    } catch {
      // Node throws what it reports by no event, such as ENOMEM.
      this.#restartSoon()
    }
  }

  #restartSoon(): void {
    later(pauseMs * (this.#restarts + 1), () => this.#restart())
  }
}

/**
 * This process's own, without what would end the sweep: the marks of a run around this one, whose end would take the
 * guardian with it, and what Node is told to load, which may not be found or not be there any more.
 */
function guardianEnvironment(stateDirectory: string): NodeJS.ProcessEnv {
  const { [runVariable]: _run, [instanceVariable]: _instance, NODE_OPTIONS, NODE_V8_COVERAGE, ...rest } = process.env
  return { ...rest, LP_STATE_DIR: stateDirectory, [guardianMark.name]: guardianMark.value }
}
