// biome-ignore lint/style/noRestrictedImports: starts the guardian of a run
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { packageProgram } from '../host/modules/package-program.ts'
import { later } from '../kernel/deadline.ts'
import { StateError } from '../kernel/errors.ts'
import { guardianMark } from '../process/termination.ts'
import { keyForGuardian } from './guardian-key.ts'
import type { RunRecord } from './run-record.ts'

/**
 * Blocks until the holder is gone, then becomes the sweep of this run. A shell waits in 0.1 MiB of private memory; a
 * waiting Node costs 7 MiB.
 */
const guardianScript = 'trap "" HUP INT QUIT TERM; read -r end; exec "$@"'

/** Limit of restarts: on a machine where a shell dies at once, we must not start shells forever. */
const mostRestarts = 20
/** Prefix of the variables that mark processes. */
const markPrefix = 'TEST_SERVICES_'
/** Pause while the system starts no process; grows by this amount with each restart. */
const pauseMs = 50

/** Cleans up a run if its holder dies. A guardian is armed at its spawn, and acts when the pipe closes. */
export class Guardian {
  readonly #record: RunRecord
  readonly #stateDirectory: string
  #process: ChildProcess
  #dismissed = false
  #restarts = 0

  /** @throws ERR_STATE if the system starts no process */
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

  /**
   * Ends the guardian when nothing is left to guard. SIGKILL also works on a stopped guardian, which would not read a
   * word.
   */
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
    // A failed spawn has no pid and no exit.
    child.on('error', () => this.#restartSoon())
    // A killed guardian breaks the pipe; our code reacts to the exit.
    child.stdin?.on('error', () => {})
    child.unref()
    // Node treats the pipe of a child as a socket, which would keep a finished script alive.
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
      // Node throws some errors instead of emitting an event: ENOMEM, for example.
      this.#restartSoon()
    }
  }

  #restartSoon(): void {
    later(pauseMs * (this.#restarts + 1), () => this.#restart())
  }
}

/**
 * Returns the environment of this process without variables that would end the sweep. Marks of an enclosing run, or of
 * a pool's command, would end the guardian together with that run or command. The modules that Node is told to load may
 * be missing at the time of the sweep.
 */
function guardianEnvironment(stateDirectory: string): NodeJS.ProcessEnv {
  const { NODE_OPTIONS, NODE_V8_COVERAGE, ...rest } = process.env
  const unmarked = Object.entries(rest).filter(([name]) => !name.startsWith(markPrefix))
  const own = { LP_STATE_DIR: stateDirectory, [guardianMark.name]: guardianMark.value, ...keyForGuardian() }
  return { ...Object.fromEntries(unmarked), ...own }
}
