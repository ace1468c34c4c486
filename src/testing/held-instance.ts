// biome-ignore lint/style/noRestrictedImports: starts a holder, which the test kills
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import type { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { packageProgram } from '../host/modules/package-program.ts'
import { parseJson } from '../kernel/parse-json.ts'

/** Request to a holder of a service: `holder.ts`. */
export interface HolderRequest {
  /** URL of the module. */
  readonly url: string
  /** Name of the export. */
  readonly name: string
  readonly label: string
  readonly directory: string
  /** Attaches to the running instance declared by the environment. */
  readonly useExisting: boolean
  readonly timeoutMs: number
}

/** Report of the holder once the service is up. */
interface HolderReport {
  readonly pid?: number
  readonly variables: Readonly<Record<string, string>>
}

/** A service held by a process of its own. */
export class HeldInstance implements AsyncDisposable {
  readonly report: HolderReport
  readonly #child: ChildProcess
  readonly #errors: Promise<string>

  private constructor(child: ChildProcess, errors: Promise<string>, report: HolderReport) {
    this.#child = child
    this.#errors = errors
    this.report = report
  }

  /** Starts the process, and waits until the service is up. @throws Error with the output of an ended process */
  static async start(request: HolderRequest, environment: NodeJS.ProcessEnv): Promise<HeldInstance> {
    const [program = '', ...argv] = packageProgram('testing-holder')
    const options = { env: environment, cwd: request.directory, stdio: 'pipe' } as const
    const child = spawn(program, [...argv, JSON.stringify(request)], options)
    const errors = text(child.stderr)
    const report = await readReport(child.stdout)
    // A full pipe would block the process.
    child.stdout.resume()
    if (report) return new HeldInstance(child, errors, report)
    child.kill('SIGKILL')
    throw new Error(`the process that holds the service ended: ${await errors}`)
  }

  /** Kills the holder by SIGKILL, and waits for its end. */
  async kill(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return
    const exited = once(this.#child, 'exit')
    this.#child.kill('SIGKILL')
    await exited
  }

  /** Lets the holder clean up, and waits for its end. @throws Error with the process's output, if the clean-up fails */
  async end(): Promise<void> {
    const exited = once(this.#child, 'exit')
    this.#child.stdin?.end()
    const [status, signal] = await exited
    if (status !== 0) throw new Error(`the clean-up ended with ${signal ?? status}: ${await this.#errors}`)
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.kill()
  }
}

/** Returns the report in the output of the process. The author's module may write to the output too. */
async function readReport(output: Readable): Promise<HolderReport | undefined> {
  let read = ''
  for await (const piece of output.setEncoding('utf8').iterator({ destroyOnReturn: false })) {
    read += piece
    const report = read.split('\n').slice(0, -1).map(parseJson).find(isReport)
    if (report) return report
  }
  return undefined
}

function isReport(value: unknown): value is HolderReport {
  return typeof value === 'object' && value !== null && 'variables' in value
}
