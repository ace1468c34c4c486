import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ChangeableLimit } from '../../src/pool/attempt-limit.ts'
import type { Machine } from '../../src/pool/machines/machine.ts'
import type { RunningAttempt } from '../../src/pool/tests/pool-test.ts'
import type { ReportedFile, ReportedResult } from '../../src/results/rows.ts'
import type { ServiceStart } from '../../src/session/service-start.ts'
import { local } from '../../src/transport/local.ts'
import type { Transport } from '../../src/transport/transport.ts'

/** A machine with a directory of its own, for one test file. */
export class TestMachine implements Machine {
  readonly name = 'machine-1'
  readonly platform = 'here'
  readonly directory = mkdtempSync(join(tmpdir(), 'machine-'))
  readonly transport: Transport

  constructor(transport: Transport = local()) {
    this.transport = transport
  }

  async release(): Promise<void> {
    await this.transport.close()
    rmSync(this.directory, { recursive: true, force: true })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.release()
  }
}

interface RecordedOptions {
  readonly limitMs?: number
  readonly environment?: Readonly<Record<string, string>>
  readonly logs?: Readonly<Record<string, string>>
}

/** An attempt without a pool: keeps in memory what a test says. */
export class RecordedAttempt implements RunningAttempt, Disposable {
  readonly number = 1
  readonly machine: Machine
  readonly environment: Readonly<Record<string, string>>
  readonly limit: ChangeableLimit
  readonly results: ReportedResult[] = []
  readonly services: ServiceStart[] = []
  /** Content by result and name: `part/log.txt`, `/log.txt` for the test itself. */
  readonly files: Record<string, string> = {}
  /** The time left at each result, in whole minutes. */
  readonly minutesLeft: number[] = []
  readonly #logs: Readonly<Record<string, string>>
  readonly #canceled = new AbortController()
  readonly signal: AbortSignal
  text = ''

  constructor(machine: Machine, { limitMs = 60_000, environment = {}, logs = {} }: RecordedOptions = {}) {
    this.machine = machine
    this.environment = environment
    this.limit = new ChangeableLimit('the test', limitMs)
    this.signal = AbortSignal.any([this.limit.signal, this.#canceled.signal])
    this.#logs = logs
  }

  cancel(): void {
    this.#canceled.abort(new Error('canceled by the test'))
  }

  async output(chunk: Uint8Array): Promise<void> {
    this.text += Buffer.from(chunk).toString()
  }

  async report(result: ReportedResult): Promise<void> {
    this.minutesLeft.push(Math.round(this.limit.leftMs / 60_000))
    for (const file of result.files ?? []) if (typeof file !== 'string') await this.store(file, result.name)
    this.results.push({ ...result, ...(result.files && { files: result.files.map(nameOf) }) })
  }

  async store({ name, content }: ReportedFile, result = ''): Promise<void> {
    const path = `${result}/${name}`
    const chunks = typeof content === 'string' || content instanceof Uint8Array ? [content] : content
    this.files[path] ??= ''
    for await (const chunk of chunks) this.files[path] += Buffer.from(chunk as Uint8Array).toString()
  }

  async service(start: ServiceStart): Promise<void> {
    this.services.push(start)
  }

  async serviceLogs(): Promise<Readonly<Record<string, string>>> {
    return this.#logs
  }

  [Symbol.dispose](): void {
    this.limit[Symbol.dispose]()
  }
}

function nameOf(file: ReportedFile | string): string {
  return typeof file === 'string' ? file : file.name
}
