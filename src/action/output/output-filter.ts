import type { Redactor } from '../../kernel/redactor.ts'
import { textOf } from '../../kernel/undecodable.ts'
import { endOfEntry, longestLineCharacters } from './line-limit.ts'
import { type ActionMessage, type ParsedLine, parseLine } from './message.ts'

const newline = 0x0a
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
 * the beginning of a line is examined, so that ordinary output costs one search per chunk. Output need not be text: all
 * strings here are bytes read as latin1, of which one byte is one character.
 */
export class OutputFilter {
  readonly #redactor: Redactor
  readonly #sink: OutputSink
  /** The part of the unfinished line that is not handed on yet. */
  #rest = ''
  /** Whether entries of the unfinished line have been handed on: the next bytes do not begin a line. */
  #continues = false
  /** Whether the unfinished line continues a secret that is too long for a message. */
  #hides = false

  constructor(redactor: Redactor, sink: OutputSink) {
    this.#redactor = redactor
    this.#sink = sink
  }

  write(chunk: Buffer): void {
    const end = chunk.lastIndexOf(newline) + 1
    if (end > 0) {
      this.#block(this.#rest + chunk.toString('latin1', 0, end))
      this.#rest = ''
    }
    this.#rest = this.#cutEntries(this.#rest + chunk.toString('latin1', end), this.#redactor.longest)
  }

  /** Called at the end of the output; also ends the last line. */
  end(): void {
    if (this.#rest !== '') this.#line(this.#rest)
    this.#rest = ''
  }

  /** Hands on whole lines; messages and overlong lines are handled separately. */
  #block(block: string): void {
    let position = 0
    const first = this.#continues ? [0] : []
    for (const start of inOrder([...first, ...candidates(block), ...longLines(block)])) {
      this.#ordinary(block.slice(position, start))
      const end = block.indexOf('\n', start)
      this.#line(block.slice(start, end))
      position = end + 1
    }
    this.#ordinary(block.slice(position))
  }

  #ordinary(lines: string): void {
    if (lines !== '') this.#sink.lines(Buffer.from(this.#redactor.applyToBytes(lines), 'latin1'))
  }

  /** Hands on a line, given without its line break. */
  #line(line: string): void {
    this.#entry(this.#cutEntries(line, 0), false)
    this.#continues = false
    this.#hides = false
  }

  /**
   * Hands on the full entries of a line; returns the rest.
   *
   * @param reserve bytes to know after an entry: a secret may begin in one entry and end in the next
   */
  #cutEntries(line: string, reserve: number): string {
    let rest = line
    for (let cut = endOfEntry(rest); cut !== undefined && rest.length >= cut + reserve; cut = endOfEntry(rest)) {
      const end = this.#besideSecrets(rest, cut)
      this.#entry(rest.slice(0, end), true)
      this.#continues = true
      rest = rest.slice(end)
    }
    return rest
  }

  /** Returns a position near `cut`, outside of all secrets. */
  #besideSecrets(line: string, cut: number): number {
    const spans = this.#redactor.find(line.slice(0, cut + this.#redactor.longest))
    const straddling = spans.find(({ start, end }) => start < cut && end > cut)
    if (!straddling) return cut
    return straddling.start > 0 ? straddling.start : straddling.end
  }

  #entry(entry: string, isCut: boolean): void {
    if (this.#hides) return
    const line = textOf(Buffer.from(entry, 'latin1')).replace(/[\r\n]+$/, '')
    const parsed = this.#continues ? undefined : parseLine(line)
    if (parsed) this.#special({ entry, line, parsed, isCut })
    else this.#ordinary(`${entry}\n`)
  }

  /** Registers a secret before handing on the line that announces the secret. */
  #special({ entry, line, parsed, isCut }: SpecialLine): void {
    if (parsed.secret) this.#redactor.add(parsed.secret)
    const setsVariable = parsed.isFatal || parsed.message?.kind === 'env'
    const isTooLong = isCut && setsVariable
    this.#hides = isCut && secretForm.test(line)
    const problem = isTooLong ? `a message has at most ${longestLineCharacters} characters` : parsed.problem
    const shown = secretForm.test(line) ? hideValue(line, parsed.message) : this.#redactor.apply(line)
    const excerpt = shown.length > longestExcerpt ? `${shown.slice(0, longestExcerpt)}…` : shown
    if (problem === undefined && !parsed.secret) this.#ordinary(`${entry}\n`)
    else if (problem === undefined) this.#sink.lines(Buffer.from(`${shown}\n`))
    else this.#sink.lines(Buffer.from(`${shown} -- ERROR: ${this.#redactor.apply(problem)}\n`))
    if (isTooLong || parsed.isFatal)
      this.#sink.malformed(`malformed message "${excerpt}": ${this.#redactor.apply(problem ?? '')}`)
    else if (parsed.message) this.#sink.message(parsed.message)
  }
}

interface SpecialLine {
  readonly entry: string
  /** The entry as text. */
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

function inOrder(starts: readonly number[]): readonly number[] {
  return starts.length < 2 ? starts : [...new Set(starts)].sort((one, other) => one - other)
}

/** Returns the starts of the lines that may be messages. */
function candidates(block: string): number[] {
  const starts: number[] = []
  candidateForm.lastIndex = 0
  for (let match = candidateForm.exec(block); match; match = candidateForm.exec(block)) {
    const start = startOfLine(block, match.index)
    if (start !== undefined) starts.push(start)
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
function longLines(block: string): number[] {
  const starts: number[] = []
  let start = 0
  while (start + longestLineCharacters < block.length) {
    const last = block.lastIndexOf('\n', start + longestLineCharacters)
    if (last < start) starts.push(start)
    start = (last < start ? block.indexOf('\n', start) : last) + 1
  }
  return starts
}
