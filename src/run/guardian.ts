import { type ChildProcess, spawn } from 'node:child_process'
import type { Writable } from 'node:stream'
import { packageProgram } from '../host/package-program.ts'
import { StateError } from '../kernel/errors.ts'
import { instanceVariable, runVariable } from './run-record.ts'

/**
 * Blocks until the holder says that all is done, or is gone: then it becomes the sweep of this run. A shell waits in
 * 0.1 MiB of private memory; the same in Node costs 7 MiB.
 */
const guardianScript = 'trap "" HUP INT QUIT TERM; read -r done && exit 0; exec "$@"'

/** A machine on which a shell dies at once must not be made to start shells for ever. */
const mostRestarts = 20

/** Cleans up a run should its holder die. It is armed as soon as it is spawned: the pipe is its fuse. */
export class Guardian {
  readonly #runId: string
  readonly #stateDirectory: string
  #process: ChildProcess
  #dismissed = false
  #restarts = 0

  constructor(runId: string, stateDirectory: string) {
    this.#runId = runId
    this.#stateDirectory = stateDirectory
    this.#process = this.#spawn()
    if (this.#process.pid === undefined) throw new StateError('cannot start /bin/sh as the guardian of this run')
  }

  get pid(): number | undefined {
    return this.#process.pid
  }

  /** Tells the guardian that nothing is left to guard. */
  dismiss(): void {
    this.#dismissed = true
    this.#process.stdin?.end('done\n')
  }

  /** Lets the guardian clean up now, as if this process had died. */
  abandon(): void {
    this.#dismissed = true
    this.#process.stdin?.end()
  }

  #spawn(): ChildProcess {
    const sweep = [...packageProgram('sweep'), this.#runId]
    const child = spawn('/bin/sh', ['-c', guardianScript, 'test-services-guardian', ...sweep], {
      cwd: '/',
      detached: true,
      stdio: ['pipe', 'ignore', 'ignore'],
      env: guardianEnvironment(this.#stateDirectory),
    })
    child.on('exit', () => this.#restart())
    // A spawn that fails has no pid, which the constructor sees.
    child.on('error', () => {})
    // A guardian that was killed breaks the pipe; its exit event is what is acted on.
    child.stdin?.on('error', () => {})
    child.unref()
    unref(child.stdin)
    return child
  }

  #restart(): void {
    if (!this.#dismissed && this.#restarts++ < mostRestarts) this.#process = this.#spawn()
  }
}

/** A pipe of a child is a socket to Node, which would keep a finished script alive. */
function unref(stream: Writable | null): void {
  ;(stream as { unref?: () => void } | null)?.unref?.()
}

/** Without the marks of a run around this one, whose end would otherwise take the guardian with it. */
function guardianEnvironment(stateDirectory: string): NodeJS.ProcessEnv {
  const { [runVariable]: _run, [instanceVariable]: _instance, ...environment } = process.env
  return { ...environment, LP_STATE_DIR: stateDirectory }
}
