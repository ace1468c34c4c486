import { textOf } from '../../kernel/undecodable.ts'
import { GrowingBuffer } from './growing-buffer.ts'
import { endOfEntry, longestLineCharacters } from './line-limit.ts'
import { type ActionMessage, type ParsedLine, parseLine } from './message.ts'
import type { Redactions } from './redactions.ts'

const newline = 0x0a
const lineBreak = Buffer.from('\n')
/** Part of every message, and of every misspelt message. */
const candidateForm = /openjd_/gi
/** Whitespace that Python strips from the start of a line. */
const indentForm = /^[ \t\v\f\r]*$/
const longestIndent = 256
const longestExcerpt = 500
const secretForm = /^\s*openjd_redacted_env/i

export interface OutputSink {
  /** Called with one or more whole lines including line breaks, secrets replaced. */
  lines(bytes: Buffer): void
  message(message: ActionMessage): void
  /** Called for a malformed line; cancels the action as a failure. */
  malformed(reason: string): void
}

/**
 * Splits the output of an action, in chunks of any size, into whole lines and finds the messages among the lines. Only
 * the beginning of a line is examined, so that ordinary output costs one search per chunk.
 */
export class OutputFilter {
  readonly #redactions: Redactions
  readonly #sink: OutputSink
  /** The part of the unfinished line that is not handed on yet. */
  readonly #rest = new GrowingBuffer()
  /** Whether entries of the unfinished line have been handed on: the next bytes do not begin a line. */
  #continues = false
  /** Whether the unfinished line continues a secret that is too long for a message. */
  #hides = false

  constructor(redactions: Redactions, sink: OutputSink) {
    this.#redactions = redactions
    this.#sink = sink
  }

  write(chunk: Buffer): void {
    let position = 0
    if (this.#rest.length > 0 || this.#continues) {
      const end = chunk.indexOf(newline)
      this.#rest.append(end < 0 ? chunk : chunk.subarray(0, end + 1))
      this.#splitRest(end >= 0)
      if (end < 0) return
      position = end + 1
    }
    const end = chunk.lastIndexOf(newline) + 1
    if (end > position) this.#block(chunk.subarray(position, end))
    if (end === chunk.length) return
    this.#rest.append(chunk.subarray(Math.max(position, end)))
    this.#splitRest(false)
  }

  /** Called at the end of the output; also ends the last line. */
  end(): void {
    if (this.#rest.length > 0) this.#rest.append(lineBreak)
    if (this.#rest.length > 0) this.#splitRest(true)
  }

  /** Hands on whole lines; messages and overlong lines are handled separately. */
  #block(block: Buffer): void {
    let position = 0
    for (const start of specialLines(block)) {
      const end = block.indexOf(newline, start) + 1
      this.#ordinary(block.subarray(position, start))
      this.#rest.append(block.subarray(start, end))
      this.#splitRest(true)
      position = end
    }
    this.#ordinary(block.subarray(position))
  }

  #ordinary(lines: Buffer): void {
    if (lines.length > 0) this.#sink.lines(this.#redactions.apply(lines))
  }

  /** Hands on the completed parts of the line in `rest`: full entries, and after the end of the line the remainder. */
  #splitRest(isEnded: boolean): void {
    for (;;) {
      const line = this.#rest.view
      const text = isEnded ? line.subarray(0, -1) : line
      const cut = endOfEntry(text)
      if (cut === undefined) break
      // A secret may begin in this entry and end in the next.
      if (!isEnded && text.length < cut + this.#redactions.longest) return
      this.#entry(this.#rest.take(this.#besideSecrets(text, cut)), true)
      this.#continues = true
    }
    if (!isEnded) return
    this.#entry(this.#rest.take(this.#rest.length), false)
    this.#continues = false
    this.#hides = false
  }

  /** Returns a position near `cut`, outside of all secrets. */
  #besideSecrets(text: Buffer, cut: number): number {
    if (this.#redactions.isEmpty) return cut
    const window = text.subarray(0, cut + this.#redactions.longest)
    const straddling = this.#redactions.find(window).find(({ start, end }) => start < cut && end > cut)
    if (!straddling) return cut
    return straddling.start > 0 ? straddling.start : straddling.end
  }

  #entry(entry: Buffer, isCut: boolean): void {
    if (this.#hides) return
    const bytes = isCut ? Buffer.concat([entry, lineBreak]) : entry
    if (this.#continues) this.#ordinary(bytes)
    else this.#wholeLine(bytes, isCut)
  }

  /** Registers a secret before handing on the line that announces the secret. */
  #wholeLine(bytes: Buffer, isCut: boolean): void {
    const line = textOf(bytes).replace(/[\r\n]+$/, '')
    const parsed = parseLine(line)
    if (!parsed) this.#ordinary(bytes)
    else this.#special({ bytes, line, parsed, isCut })
  }

  #special({ bytes, line, parsed, isCut }: SpecialLine): void {
    if (parsed.secret) this.#redactions.add(parsed.secret)
    const setsVariable = parsed.isFatal || parsed.message?.kind === 'env'
    const isTooLong = isCut && setsVariable
    this.#hides = isCut && secretForm.test(line)
    const problem = isTooLong ? `a message has at most ${longestLineCharacters} characters` : parsed.problem
    const shown = secretForm.test(line) ? hideValue(line, parsed.message) : this.#redactions.text(line)
    const excerpt = shown.length > longestExcerpt ? `${shown.slice(0, longestExcerpt)}…` : shown
    if (problem === undefined && !parsed.secret) this.#ordinary(bytes)
    else if (problem === undefined) this.#sink.lines(Buffer.from(`${shown}\n`))
    else this.#sink.lines(Buffer.from(`${shown} -- ERROR: ${this.#redactions.text(problem)}\n`))
    if (isTooLong || parsed.isFatal)
      this.#sink.malformed(`malformed message "${excerpt}": ${this.#redactions.text(problem ?? '')}`)
    else if (parsed.message) this.#sink.message(parsed.message)
  }
}

interface SpecialLine {
  readonly bytes: Buffer
  readonly line: string
  readonly parsed: ParsedLine
  /** Whether the entry lacks the end of its line. */
  readonly isCut: boolean
}

/** Returns the line that announces a secret, with the value replaced. */
function hideValue(line: string, message: ActionMessage | undefined): string {
  if (message?.kind === 'env') return `openjd_redacted_env: ${message.name}=********`
  const [head = ''] = /^\s*openjd_redacted_env\s*:?\s*("?\w*\s*=)?/i.exec(line) ?? []
  return `${head}********`
}

/** Returns the starts of the lines that need separate handling, in order: possible messages and overlong lines. */
function specialLines(block: Buffer): number[] {
  const starts = [...candidates(block), ...longLines(block)]
  return starts.length < 2 ? starts : [...new Set(starts)].sort((one, other) => one - other)
}

/** In latin1 one byte is one character: searching the string is as fast as searching bytes, and can ignore case. */
function candidates(block: Buffer): number[] {
  const starts: number[] = []
  const text = block.toString('latin1')
  candidateForm.lastIndex = 0
  for (let match = candidateForm.exec(text); match; match = candidateForm.exec(text)) {
    const start = startOfLine(text, match.index)
    if (start !== undefined && starts.at(-1) !== start) starts.push(start)
  }
  return starts
}

/** Returns the start of the line that begins with the word at `position`; `undefined` when text precedes the word. */
function startOfLine(text: string, position: number): number | undefined {
  const from = Math.max(0, position - longestIndent)
  const before = text.slice(from, position)
  const lineStart = before.lastIndexOf('\n') + 1
  if (lineStart === 0 && from > 0) return undefined
  return indentForm.test(before.slice(lineStart)) ? from + lineStart : undefined
}

/** Returns the starts of overlong lines. Skips, at a time, as many lines as fit into the longest line. */
function longLines(block: Buffer): number[] {
  const starts: number[] = []
  let start = 0
  while (start + longestLineCharacters < block.length) {
    const last = block.lastIndexOf(newline, start + longestLineCharacters)
    if (last >= start) {
      start = last + 1
      continue
    }
    starts.push(start)
    start = block.indexOf(newline, start) + 1
  }
  return starts
}
