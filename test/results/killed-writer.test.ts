import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { readResults } from '../../src/results/read-results.ts'
import { repeats } from '../support/repeats.ts'
import { useDirectory } from './new-results.ts'

/** Spreads the kills over the work of an attempt, in milliseconds. */
const stepMs = 3.7

const instants = Array.from({ length: repeats(1, 12) }, (_, index) => index)
test.each(instants)('a writer killed at instant %i leaves each result once, with its file', async (instant) => {
  const path = join(useDirectory(), 'run')
  const program = join(import.meta.dirname, '../programs/writes-results.ts')
  const child = spawn(process.execPath, ['--import', 'tsx', program, path], { stdio: ['ignore', 'pipe', 'inherit'] })
  await once(child.stdout, 'data')
  await sleep(instant * stepMs) // not a wait: the instant of the kill is what varies
  child.kill('SIGKILL')
  await once(child, 'close')
  const { results, attempts, problems } = readResults(path)
  const names = results.map(({ row: [, , name, part] }) => `${name} ${part}`)
  expect(new Set(names).size).toBe(names.length)
  for (const { id, test: name, ended } of attempts) {
    const rows = results.filter(({ row }) => row[2] === name)
    const texts = rows.slice(0, 20).map(({ files }) => files.map((file) => readFileSync(file.path, 'utf8')).join())
    expect(texts, id).toEqual(texts.map((_, part) => `part-${part}`))
    if (ended) expect(rows, id).toHaveLength(21)
  }
  expect(attempts.filter(({ ended }) => ended).length).toBeGreaterThan(3)
  expect(problems.filter((problem) => !problem.includes('1 of'))).toEqual([])
})
