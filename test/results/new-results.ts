import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import type { BegunAttempt } from '../../src/results/result-sink.ts'
import { createResults, type ResultsDirectory } from '../../src/results/results-directory.ts'
import type { AttemptRow, AttemptState } from '../../src/results/rows.ts'

/** Makes a directory for one test. */
export function useDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'ts-results-'))
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }))
  return directory
}

export function useResults(path = join(useDirectory(), 'run')): ResultsDirectory {
  const results = createResults({ path })
  onTestFinished(() => results.close())
  return results
}

export function attempt(test: string, facts: Partial<BegunAttempt> = {}): BegunAttempt {
  const number = facts.number ?? 1
  const begin = '2026-01-31T12:00:00.000Z'
  const id = `${test}#${number}`
  return { id, test, number, platform: 'node20', machine: 'local-1', host: 'here', begin, ...facts }
}

export function ended(begin: BegunAttempt, state: AttemptState = 'passed', rerun: string | null = null): AttemptRow {
  const end = '2026-01-31T12:00:05.000Z'
  return { ...begin, end, exitCode: state === 'passed' ? 0 : 1, signal: null, state, rerun, note: null }
}

/** Reads the rows of a file of JSON lines. */
export function rowsOf(path: string): unknown[] {
  const lines = readFileSync(path, 'utf8').split('\n').slice(0, -1)
  return lines.map((line) => JSON.parse(line))
}
