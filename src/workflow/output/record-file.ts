import { readFileSync } from 'node:fs'
import { writeFileAtomically } from '../../host/files/atomic-file.ts'
import type { Redactor } from '../../kernel/redactor.ts'
import { valueUnless } from '../../kernel/value-unless.ts'
import { blockYaml } from '../../yaml/block-yaml.ts'
import { loadYaml } from '../../yaml/yaml-document.ts'

/** Writes the records of a run, without secrets in their free texts. */
export class RecordWriter {
  /** The present records by path, with secrets: the report need not read the files. */
  readonly written = new Map<string, unknown>()
  readonly redactor: Redactor

  constructor(redactor: Redactor) {
    this.redactor = redactor
  }

  /** Replaces a record: a reader sees the whole old record or the whole new record. */
  write(path: string, record: object, text = this.text(record)): void {
    writeFileAtomically(path, text)
    this.written.set(path, record)
  }

  /** Returns the YAML of a record or of a list. */
  text(record: object): string {
    // Stars in a text without quotes would be an alias, so secrets are hidden before the text is made.
    return blockYaml(redacted(record, this.redactor) as object)
  }
}

/** Returns the content of a record; `undefined` if there is none, or its text is no YAML. */
export async function readRecord(path: string): Promise<unknown> {
  const text = valueUnless(['ENOENT', 'ENOTDIR'], () => readFileSync(path, 'utf8'))
  if (text === undefined) return undefined
  const { parse } = await loadYaml()
  try {
    return parse(text)
  } catch {
    return undefined // whatever is wrong with it, the file is none of our records
  }
}

/** Keys of texts that people and commands write. Other texts are for programs: a secret may be equal to `passed`. */
const freeTexts = new Set([
  ...['doc', 'tags', 'command', 'directory', 'error'],
  ...['source', 'problems', 'head', 'tail', 'headline', 'failures'],
])

/** Replaces secrets in the free texts of a record, or of the data of a page. */
export function redacted(value: unknown, redactor: Redactor, isFree = false): unknown {
  if (typeof value === 'string') return isFree ? redactor.apply(value) : value
  if (Array.isArray(value)) return value.map((each) => redacted(each, redactor, isFree))
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).map(([key, each]) => {
    return [key, redacted(each, redactor, freeTexts.has(key) || (isFree && key !== 'status'))]
  })
  return Object.fromEntries(entries)
}
