import { readFileSync } from 'node:fs'
import { relative } from 'node:path'
import * as v from 'valibot'
import { parseJson } from '../kernel/parse-json.ts'
import { valueUnless } from '../kernel/value-unless.ts'

/** Reads files below a directory, and notes in words which files and lines cannot be read. */
export class RowReader {
  readonly #root: string
  readonly problems: string[] = []

  constructor(root: string) {
    this.#root = root
  }

  /** Reads the rows of a file of JSON lines; no rows if the file is missing. A torn last line is a problem only. */
  rows<Row>(path: string, schema: v.GenericSchema<unknown, Row>): Row[] {
    const lines = this.#textOf(path).split('\n').filter(Boolean)
    const rows = lines.map((line) => parse(line, schema)).filter((row) => row !== undefined)
    const broken = lines.length - rows.length
    if (broken > 0) this.note(path, `${broken} of ${lines.length} lines cannot be read, and are left out`)
    return rows
  }

  /** Reads a file of JSON; `undefined` if the file is missing, or does not match the schema. */
  value<Value>(path: string, schema: v.GenericSchema<unknown, Value>): Value | undefined {
    return parse(this.#textOf(path), schema)
  }

  note(path: string, problem: string): void {
    this.problems.push(`${relative(this.#root, path) || '.'}: ${problem}`)
  }

  #textOf(path: string): string {
    return valueUnless(['ENOENT', 'ENOTDIR'], () => readFileSync(path, 'utf8')) ?? ''
  }
}

function parse<Value>(text: string, schema: v.GenericSchema<unknown, Value>): Value | undefined {
  const parsed = v.safeParse(schema, parseJson(text))
  return parsed.success ? parsed.output : undefined
}
