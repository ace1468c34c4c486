import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { StateError } from '../src/fixture.ts'

const page = fileURLToPath(new URL('../docs/benchmarks.md', import.meta.url))
const chart = fileURLToPath(new URL('../docs/images/bench.svg', import.meta.url))
const begin = '<!-- by make bench: begin -->'
const end = '<!-- end -->'

/** Writes the figures into the documents that show them. */
export function writeDocuments(report: string, svg: string): void {
  const text = readFileSync(page, 'utf8')
  const [before, after] = [text.indexOf(begin), text.indexOf(end)]
  if (before < 0 || after < before)
    throw new StateError(`${page} has no place for the figures between ${begin} and ${end}`)
  writeFileSync(page, `${text.slice(0, before)}${begin}\n\n${report}\n\n${text.slice(after)}`)
  mkdirSync(dirname(chart), { recursive: true })
  writeFileSync(chart, svg)
}
