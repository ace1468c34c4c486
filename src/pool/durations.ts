import { createHash } from 'node:crypto'
import { readFileSync, realpathSync, rmSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { writeFileAtomically } from '../host/files/atomic-file.ts'
import { makeDirectory } from '../host/files/make-directory.ts'
import { namesIn } from '../host/files/names-in.ts'
import { randomName } from '../host/secret.ts'
import { stateDirectory } from '../host/state-directory.ts'
import { epochMs } from '../kernel/clock.ts'
import { asError } from '../kernel/errors.ts'
import { lazy } from '../kernel/lazy.ts'
import { parseJson } from '../kernel/parse-json.ts'
import { valueUnless } from '../kernel/value-unless.ts'
import { inOrder } from './queue/test-order.ts'
import type { PoolTest } from './tests/pool-test.ts'

/** Durations of a test on a platform, the newest last: a line of a file. */
type Row = readonly [platform: string, test: string, ...durationsMs: number[]]

/** Number of kept durations for each test. A median of five forgets a slow run soon. */
const keptPerTest = 5
/** Number of kept tests: a file of about 3 MB. */
const keptTests = 50_000
/** Largest number of files for a reader to put together. */
const mostFiles = 20

/**
 * Durations of tests in earlier runs. Each run writes a separate file, so that runs at the same time lose no durations,
 * and do not wait.
 */
export class Durations {
  readonly #directory: string
  readonly #known: ReadonlyMap<string, Row>
  readonly #recorded = new Map<string, Row>()
  /** The newest row of each test, over all platforms. */
  readonly #lastRows = lazy(() => new Map(Array.from(this.#known.values(), (row) => [row[1], row])))

  private constructor(directory: string, known: ReadonlyMap<string, Row>) {
    this.#directory = directory
    this.#known = known
  }

  /** @param project directory of the project; identifies the durations */
  static load(project: string, state: string = stateDirectory()): Durations {
    const path = valueUnless(['ENOENT'], () => realpathSync(project)) ?? resolve(project)
    const name = createHash('sha256').update(path).digest('hex').slice(0, 20)
    const directory = join(state, 'durations', name)
    return new Durations(directory, readAll(directory))
  }

  /** Returns the median of the last durations; `undefined` if the test has never passed on the platform. */
  expectedMs(test: string, platform: string): number | undefined {
    return medianOf(this.#known.get(keyOf(platform, test)))
  }

  /** Returns the median for the platform of the newest duration; `undefined` if the test has never passed. */
  typicalMs(test: string): number | undefined {
    return medianOf(this.#lastRows().get(test))
  }

  /** Returns the tests in the order of `nextTest`, for a queue of several hosts. */
  longestFirst(tests: readonly PoolTest[]): PoolTest[] {
    return inOrder(
      tests,
      (test) => test,
      (name) => this.typicalMs(name),
    )
  }

  record(test: string, platform: string, durationMs: number): void {
    addRow(this.#recorded, [platform, test, Math.round(durationMs)])
  }

  /** Writes the recorded durations. A failure is only a warning: without the durations, the next run is slower. */
  save(): void {
    if (this.#recorded.size === 0) return
    try {
      makeDirectory(this.#directory)
      write(join(this.#directory, `${epochMs()}-${randomName(8)}.jsonl`), this.#recorded)
      mergeOldFiles(this.#directory)
    } catch (thrown) {
      process.emitWarning(`durations of tests were not kept: ${asError(thrown).message}`)
    }
  }
}

function filesOf(directory: string): string[] {
  return namesIn(directory)
    .filter((name) => name.endsWith('.jsonl'))
    .toSorted()
    .map((name) => join(directory, name))
}

/** Reads all files. Starts again if a file is gone: a merge has meanwhile moved the durations into a newer file. */
function readAll(directory: string): Map<string, Row> {
  for (;;) {
    const rows = readFiles(filesOf(directory))
    if (rows) return rows
  }
}

function readFiles(files: readonly string[]): Map<string, Row> | undefined {
  const rows = new Map<string, Row>()
  for (const file of files) {
    const text = valueUnless(['ENOENT'], () => readFileSync(file, 'utf8'))
    if (text === undefined) return undefined
    for (const line of text.split('\n')) {
      const row = parseJson(line)
      if (isRow(row)) addRow(rows, row)
    }
  }
  return rows
}

/**
 * Merges all files but the newest half. The newest merged file is replaced by the whole content, and then the rest is
 * removed: at every moment, each duration is in a file. Two concurrent merges count a duration twice at most.
 */
function mergeOldFiles(directory: string): void {
  const files = filesOf(directory)
  if (files.length <= mostFiles) return
  const old = files.slice(0, -mostFiles / 2)
  const rows = readFiles(old)
  const newest = old.pop()
  if (!rows || !newest) return
  write(newest, new Map([...rows].slice(-keptTests)))
  for (const file of old) rmSync(file, { force: true })
}

function write(path: string, rows: ReadonlyMap<string, Row>): void {
  writeFileAtomically(path, Array.from(rows.values(), (row) => `${JSON.stringify(row)}\n`).join(''))
}

/** Adds durations to the row of the test and platform, and moves the row to the end. */
function addRow(rows: Map<string, Row>, [platform, test, ...durations]: Row): void {
  const key = keyOf(platform, test)
  const [, , ...earlier] = rows.get(key) ?? []
  rows.delete(key)
  rows.set(key, [platform, test, ...[...earlier, ...durations].slice(-keptPerTest)])
}

function keyOf(platform: string, test: string): string {
  return `${platform}\0${test}`
}

function medianOf(row: Row | undefined): number | undefined {
  const [, , ...durations] = row ?? []
  const sorted = durations.toSorted((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)]
}

function isRow(value: unknown): value is Row {
  if (!Array.isArray(value)) return false
  const [platform, test, ...durations] = value
  const hasNames = typeof platform === 'string' && typeof test === 'string'
  return hasNames && durations.every((duration) => Number.isFinite(duration))
}
