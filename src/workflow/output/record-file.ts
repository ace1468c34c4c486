import { readFileSync } from 'node:fs'
import { parse, stringify } from 'yaml'
import { writeFileAtomically } from '../../host/files/atomic-file.ts'
import type { Redactor } from '../../kernel/redactor.ts'
import { valueUnless } from '../../kernel/value-unless.ts'

/** Returns the YAML of a record, without secrets in its free texts. */
export function recordText(record: unknown, redactor: Redactor): string {
  // Stars in a text without quotes would be an alias, so secrets are hidden before the text is made.
  return stringify(redacted(record, redactor), { lineWidth: 0 })
}

/** Replaces a record: a reader sees the whole old record or the whole new record. */
export function writeRecord(path: string, record: unknown, redactor: Redactor): void {
  writeFileAtomically(path, recordText(record, redactor))
}

/** Returns the content of a record; `undefined` if there is none, or its text is no YAML. */
export function readRecord(path: string): unknown {
  const text = valueUnless(['ENOENT', 'ENOTDIR'], () => readFileSync(path, 'utf8'))
  if (text === undefined) return undefined
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
