import { readFileSync, writeFileSync, writeSync } from 'node:fs'
import { stripVTControlCharacters } from 'node:util'
import type { Reporter, TestCase, TestModule, TestSuite } from 'vitest/node'

/** Notes of skipped tests; `run`: a prerequisite of the test has failed. */
const skipNotes = { run: 'not run', only: 'not run', skip: 'skip', todo: 'todo' } as const
/** Note of a test after an early end of the worker. Vitest's workers tell results with a delay. */
const noResult = 'its worker gave no result'

/** Starts of services, as lines of JSON in a file. The plugin `testServices()` and the fixtures write the lines. */
class ServiceStarts {
  readonly #file: string | undefined
  #read = 0

  constructor(file: string | undefined) {
    this.#file = file
    // The file has the starts of the machine's test before.
    if (file !== undefined) writeFileSync(file, '')
  }

  /** The errors of starts that failed. */
  get failures(): Failure[] {
    const starts = this.#lines().map((line) => JSON.parse(line) as { readonly error?: string })
    return starts.flatMap(({ error }) => (error === undefined ? [] : [{ message: error }]))
  }

  /** Returns the new lines. */
  read(): string[] {
    const lines = this.#lines()
    const added = lines.slice(this.#read)
    this.#read = lines.length
    return added
  }

  #lines(): string[] {
    if (this.#file === undefined) return []
    // After the last newline stands a line that is being written.
    return readFileSync(this.#file, 'utf8').split('\n').slice(0, -1)
  }
}

/**
 * Reports each test of Vitest through test control, as soon as the test has ended. Runs in the project's own Vitest,
 * possibly on another machine, and therefore imports no module of test-services.
 */
export default class ControlReporter implements Reporter {
  readonly #descriptor = Number(process.env.ATEX_TEST_CONTROL)
  readonly #starts = new ServiceStarts(process.env.TEST_SERVICES_STARTS)

  constructor() {
    // In a worker, and in programs started by a test, the number names another descriptor or none.
    delete process.env.ATEX_TEST_CONTROL
  }

  /** The services of the run are up. */
  onTestModuleStart(): void {
    this.#reportServices()
  }

  onTestCaseResult(test: TestCase): void {
    this.#reportServices()
    const result = test.result()
    const duration = test.diagnostic()?.duration
    const own = { name: nameOf(test), ...(duration !== undefined && { duration: Math.round(duration * 1000) / 1000 }) }
    if (result.state === 'failed') this.#reportFailure({ status: 'fail', ...own }, result.errors)
    if (result.state === 'passed') this.#report({ status: 'pass', ...own })
    if (result.state === 'skipped')
      this.#report({ status: 'skip', ...own, note: result.note ?? skipNotes[test.options.mode] })
  }

  onTestSuiteResult(suite: TestSuite): void {
    const errors = suite.errors()
    if (errors.length > 0) this.#reportFailure({ status: 'error', name: nameOf(suite) }, errors)
  }

  onTestRunEnd(modules: readonly TestModule[], unhandled: readonly Failure[]): void {
    this.#reportServices()
    const tests = modules.flatMap((module) => [...module.children.allTests()])
    for (const test of tests)
      if (test.result().state === 'pending') this.#report({ status: 'error', name: nameOf(test), note: noResult })
    // Vitest does not tell reporters about an error of the global set-up, such as a service that does not start.
    const starts = modules.length === 0 ? this.#starts.failures : []
    const errors = [...modules.flatMap((module): readonly Failure[] => module.errors()), ...unhandled, ...starts]
    const failed = tests.filter((test) => test.result().state === 'failed')
    if (errors.length > 0) this.#reportFailure({ status: 'error', testout: 'output.txt' }, errors)
    else if (failed[0]) {
      const first = `${nameOf(failed[0])}: ${firstLine(failed[0].result().errors)}`
      const note = `${failed.length} of ${tests.length} tests failed; the first: ${first}`
      this.#report({ status: 'fail', note, testout: 'output.txt' })
    }
  }

  #reportFailure(result: Result, errors: readonly Failure[]): void {
    const { own, logs } = withoutLogs(errors)
    const failure = Buffer.from(`${own.map(describe).join('\n\n')}\n`)
    const contents = [['failure.txt', failure], ...logs] as const
    const files = contents.map(([name, { length }]) => ({ name, length }))
    const bytes = contents.map(([, content]) => content)
    this.#report({ ...result, note: firstLine(own), files }, bytes)
  }

  #reportServices(): void {
    for (const start of this.#starts.read()) this.#send('service', Buffer.from(start))
  }

  #report(result: Result, files: readonly Uint8Array[] = []): void {
    this.#send('result', Buffer.from(JSON.stringify(result)), files)
  }

  #send(word: string, json: Uint8Array, files: readonly Uint8Array[] = []): void {
    const bytes = Buffer.concat([Buffer.from(`${word} ${json.length}\n`), json, ...files])
    for (let at = 0; at < bytes.length; ) at += this.#write(bytes.subarray(at))
  }

  /** Returns the number of bytes that were written. */
  #write(bytes: Uint8Array): number {
    try {
      return writeSync(this.#descriptor, bytes)
    } catch (thrown) {
      // The descriptor was made non-blocking, and no process reads at the moment.
      if (!(thrown instanceof Error && 'code' in thrown && thrown.code === 'EAGAIN')) throw thrown
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1)
      return 0
    }
  }
}

/** First words of an error that has the log of a service during the test. */
const logOf = /^(\S+) wrote this during the test/

/** Separates the errors of a test from the logs of its services. Returns each log with the name of its file. */
function withoutLogs(errors: readonly Failure[]): { own: Failure[]; logs: (readonly [string, Buffer])[] } {
  const own: Failure[] = []
  const logs = new Map<string, string>()
  for (const error of errors) {
    const label = error.name === 'Evidence' ? logOf.exec(error.message)?.[1] : undefined
    if (label === undefined) own.push(error)
    else logs.set(label, `${logs.get(label) ?? ''}${error.message}\n`)
  }
  return { own, logs: [...logs].map(([label, text]) => [`service-${label}.log`, Buffer.from(text)] as const) }
}

/** Returns the first line of the first message. */
function firstLine([first]: readonly Failure[] = []): string {
  const [line = ''] = stripVTControlCharacters(first?.message ?? '')
    .trim()
    .split('\n', 1)
  return line
}

function nameOf({ fullName }: TestCase | TestSuite): string {
  return stripVTControlCharacters(fullName)
}

interface Result {
  readonly status: string
  /** Default: the whole file. */
  readonly name?: string
  readonly note?: string
  readonly duration?: number
  readonly testout?: string
  readonly files?: readonly { readonly name: string; readonly length: number }[]
}

/** Vitest's description of an error; `stacks` is the stack by the source files, without the frames of Vitest. */
interface Failure {
  readonly name?: string | undefined
  readonly message: string
  readonly stack?: string | undefined
  readonly stacks?: readonly Frame[] | undefined
  readonly diff?: string | undefined
  readonly cause?: unknown
}

interface Frame {
  readonly method: string
  readonly file: string
  readonly line: number
  readonly column: number
}

function describe(failure: Failure): string {
  const parts = [describeThrown(failure), failure.diff, describeCause(failure.cause)]
  return stripVTControlCharacters(parts.filter(Boolean).join('\n\n'))
}

function describeThrown({ name, message, stack = '', stacks = [] }: Failure): string {
  const head = name ? `${name}: ${message}` : message
  const [top] = stacks
  if (top) return [head, ...stacks.map(describeFrame), ...codeAround(top)].join('\n')
  return stack.includes(message) ? stack : `${head}\n${stack}`.trimEnd()
}

function describeFrame({ method, file, line, column }: Frame): string {
  const place = `${file}:${line}:${column}`
  return method ? `    at ${method} (${place})` : `    at ${place}`
}

/** Number of lines before and after the line of an error. */
const linesAround = 2
/** Longest part of a line: generated code may be a single line. */
const shownColumns = 160

/** Returns the lines of the source around an error, with a mark below the column. */
function codeAround({ file, line, column }: Frame): string[] {
  const first = Math.max(1, line - linesAround)
  const lines = linesOf(file).slice(first - 1, line + linesAround)
  const width = `${first + lines.length - 1}`.length
  const code = lines.flatMap((text, index) => {
    const number = first + index
    const shown = `${number === line ? '>' : ' '} ${`${number}`.padStart(width)} | ${text.slice(0, shownColumns)}`
    const mark = `  ${' '.repeat(width)} | ${text.slice(0, column - 1).replaceAll(/\S/g, ' ')}^`
    return number === line && column <= shownColumns ? [shown, mark] : [shown]
  })
  return lines.length === 0 ? [] : ['', ...code.map((each) => each.trimEnd())]
}

/** Returns the lines of a file; none for a file that cannot be read, such as generated code. */
function linesOf(file: string): string[] {
  try {
    return readFileSync(file, 'utf8').split('\n')
  } catch {
    return []
  }
}

function describeCause(cause: unknown): string {
  return isFailure(cause) ? `caused by ${describe(cause)}` : ''
}

function isFailure(value: unknown): value is Failure {
  return typeof value === 'object' && value !== null && 'message' in value && typeof value.message === 'string'
}
