import { bytesOf } from '../../kernel/undecodable.ts'

const placeholder = '********'
const newline = 0x0a
const carriageReturn = 0x0d
/** Shorter lines from the middle of a secret are hidden only where they are whole lines: elsewhere `}` is no secret. */
const shortestPart = 8

/** Length of the prefix used by the pre-filter. Long enough that false positives are rare. */
const headBytes = 16

/** Range of bytes; `end` is exclusive. */
interface Span {
  readonly start: number
  readonly end: number
}

/** Secrets to hide in logs. Works on bytes, since output need not be text. */
export class Redactions {
  readonly #anywhere = new Map<string, Buffer>()
  readonly #wholeLines = new Map<string, Buffer>()
  /** Finds the beginning of any secret, in one pass over bytes read as latin1; `undefined` after a change. */
  #heads: RegExp | undefined

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
      this.#addTo(isOuter || line.length >= shortestPart ? this.#anywhere : this.#wholeLines, line)
    }
    this.#addTo(this.#anywhere, JSON.stringify(value).slice(1, -1))
    this.#addTo(this.#anywhere, encode(value))
    this.#heads = undefined
  }

  get isEmpty(): boolean {
    return this.#anywhere.size + this.#wholeLines.size === 0
  }

  /** Length of the longest secret to hide within lines, in bytes. */
  get longest(): number {
    return Math.max(0, ...[...this.#anywhere.values()].map(({ length }) => length))
  }

  /**
   * Returns the positions of all secrets, in order, merged where they touch. Assumes that `bytes` holds whole lines.
   */
  find(bytes: Buffer): Span[] {
    this.#heads ??= headsOf([...this.#anywhere.values(), ...this.#wholeLines.values()])
    if (!this.#heads.test(bytes.toString('latin1'))) return []
    const spans = [
      ...[...this.#anywhere.values()].flatMap((secret) => occurrences(bytes, secret)),
      ...[...this.#wholeLines.values()].flatMap((line) => occurrences(bytes, line).filter(isWholeLineOf(bytes))),
    ]
    return merge(spans)
  }

  /** Replaces every secret by `********`. */
  apply(bytes: Buffer): Buffer {
    const spans = this.isEmpty ? [] : this.find(bytes)
    if (spans.length === 0) return bytes
    const parts: Buffer[] = []
    let position = 0
    for (const { start, end } of spans) {
      parts.push(bytes.subarray(position, start), Buffer.from(placeholder))
      position = end
    }
    return Buffer.concat([...parts, bytes.subarray(position)])
  }

  /** Replaces every secret in a text. */
  text(text: string): string {
    return this.isEmpty ? text : this.apply(bytesOf(text)).toString()
  }

  /**
   * Returns a command line for the log. Also hides the value of an `openjd_redacted_env:` line that the command prints.
   */
  command(argv: readonly string[]): string {
    const text = this.text(argv.join(' '))
    const [before, ...after] = text.split(/(?<=openjd_redacted_env\s*:)/i)
    return after.length === 0 ? text : `${before} ${placeholder}`
  }

  #addTo(secrets: Map<string, Buffer>, text: string): void {
    if (text !== '') secrets.set(text, bytesOf(text))
  }
}

function headsOf(secrets: readonly Buffer[]): RegExp {
  const heads = secrets.map((secret) => secret.toString('latin1', 0, headBytes).replace(/\W/g, inHex))
  return heads.length === 0 ? /(?!)/ : new RegExp([...new Set(heads)].join('|'))
}

function inHex(character: string): string {
  return `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`
}

/** Converts to UTF-8 first, since `encodeURIComponent` throws for half a surrogate pair. */
function encode(value: string): string {
  return encodeURIComponent(Buffer.from(value).toString())
}

function occurrences(bytes: Buffer, secret: Buffer): Span[] {
  const spans: Span[] = []
  for (let start = bytes.indexOf(secret); start >= 0; start = bytes.indexOf(secret, start + 1)) {
    spans.push({ start, end: start + secret.length })
  }
  return spans
}

function isWholeLineOf(bytes: Buffer): (span: Span) => boolean {
  const isLineEnd = (byte: number | undefined): boolean =>
    byte === undefined || byte === newline || byte === carriageReturn
  return ({ start, end }) => isLineEnd(bytes[start - 1]) && isLineEnd(bytes[end])
}

function merge(spans: readonly Span[]): Span[] {
  const merged: Span[] = []
  for (const span of spans.toSorted((one, other) => one.start - other.start)) {
    const last = merged.at(-1)
    if (last && span.start <= last.end)
      merged[merged.length - 1] = { start: last.start, end: Math.max(last.end, span.end) }
    else merged.push(span)
  }
  return merged
}
