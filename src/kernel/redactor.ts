import { hidden } from './secrets.ts'
import { bytesOf } from './undecodable.ts'

/** Shorter lines from the middle of a secret are hidden only as whole lines: elsewhere `}` is no secret. */
const shortestPart = 8
/** Length of the beginnings searched for first. Long enough to make false positives rare. */
const headLength = 16

/** Range of a text; `end` is exclusive. */
interface Span {
  readonly start: number
  readonly end: number
}

interface Secret {
  readonly bytes: string
  /** Whether only a whole line is hidden. */
  readonly isWholeLine: boolean
}

/** Replaces known secrets in texts for people, and in the output of programs: bytes, read as latin1. */
export class Redactor {
  /** The longest first: if a secret begins with a shorter secret, the whole is hidden. */
  #secrets: readonly Secret[] = []
  /** Finds the beginning of any secret, in one pass; `undefined` without secrets. */
  #heads: RegExp | undefined

  constructor(secrets: Iterable<string> = []) {
    for (const secret of secrets) this.add(secret)
  }

  /**
   * Hides a value from now on: as written, as JSON and as part of a URL. For a value of several lines, hides each line.
   *
   * @see https://github.com/OpenJobDescription/openjd-sessions-for-python `_action_filter.py`: secrets of any length
   * count
   */
  add(value: string): void {
    const lines = value.split(/\r?\n/)
    for (const [index, line] of lines.entries()) {
      const isOuter = index === 0 || index === lines.length - 1
      this.#addForm(line, !isOuter && line.length < shortestPart)
    }
    this.#addForm(JSON.stringify(value).slice(1, -1))
    // `encodeURIComponent` throws for half a surrogate pair; UTF-8 replaces the half.
    this.#addForm(encodeURIComponent(Buffer.from(value).toString()))
  }

  /** Length of the longest secret, in bytes. */
  get longest(): number {
    return this.#secrets[0]?.bytes.length ?? 0
  }

  /** Replaces every secret in a text by `********`. */
  apply(text: string): string {
    return this.#heads ? Buffer.from(this.applyToBytes(byteString(text)), 'latin1').toString() : text
  }

  /** Replaces every secret in whole lines of bytes, read as latin1. */
  applyToBytes(bytes: string): string {
    let redacted = ''
    let position = 0
    for (const { start, end } of this.find(bytes)) {
      redacted += bytes.slice(position, start) + hidden
      position = end
    }
    return redacted + bytes.slice(position)
  }

  /** Returns the positions of all secrets in whole lines of bytes, read as latin1: in order, touching spans merged. */
  find(bytes: string): Span[] {
    const spans: Span[] = []
    if (!this.#heads) return spans
    // Secrets may overlap: each search begins a byte after the last find.
    for (let start = -1; ; ) {
      this.#heads.lastIndex = start + 1
      start = this.#heads.exec(bytes)?.index ?? -1
      if (start < 0) return spans
      const secret = this.#secrets.find((each) => isAt(start, bytes, each))
      if (secret) append(spans, { start, end: start + secret.bytes.length })
    }
  }

  #addForm(text: string, isWholeLine = false): void {
    const bytes = byteString(text)
    if (bytes === '' || this.#secrets.some((known) => known.bytes === bytes && !known.isWholeLine)) return
    const secrets = [...this.#secrets, { bytes, isWholeLine }]
    this.#secrets = secrets.sort((one, other) => other.bytes.length - one.bytes.length)
    const heads = new Set(secrets.map((each) => escaped(each.bytes.slice(0, headLength))))
    this.#heads = new RegExp([...heads].join('|'), 'g')
  }
}

/** Returns the UTF-8 of a text with a character for each byte. */
function byteString(text: string): string {
  return bytesOf(text).toString('latin1')
}

function escaped(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')
}

function isAt(start: number, text: string, { bytes, isWholeLine }: Secret): boolean {
  if (!text.startsWith(bytes, start)) return false
  return !isWholeLine || (isLineEnd(text[start - 1]) && isLineEnd(text[start + bytes.length]))
}

function isLineEnd(character: string | undefined): boolean {
  return character === undefined || character === '\n' || character === '\r'
}

function append(spans: Span[], { start, end }: Span): void {
  const last = spans.at(-1)
  if (last && start <= last.end) spans[spans.length - 1] = { start: last.start, end: Math.max(last.end, end) }
  else spans.push({ start, end })
}
