import { textOf } from '../kernel/undecodable.ts'
import { GrowingBuffer } from './growing-buffer.ts'
import { endOfEntry, longestLineCharacters } from './line-limit.ts'
import { type ActionMessage, type ParsedLine, parseLine } from './message.ts'
import type { Redactions } from './redactions.ts'

const newline = 0x0a
const lineBreak = Buffer.from('\n')
/** Every message, and every near miss of one, has this in its line. */
const candidateForm = /openjd_/gi
/** What Python strips from the begin of a line. */
const indentForm = /^[ \t\v\f\r]*$/
const longestIndent = 256
const longestExcerpt = 500
const secretForm = /^\s*openjd_redacted_env/i

export interface OutputSink {
  /** One or more whole lines with their line breaks, secrets replaced. */
  lines(bytes: Buffer): void
  message(message: ActionMessage): void
  /** A malformed line that cancels the action and fails it. */
  malformed(reason: string): void
}

/**
 * Takes the output of an action as it comes, in chunks of any size, and hands on whole lines and the messages among
 * them. Only what a line begins with is looked at, so that ordinary output costs one search a chunk.
 */
export class OutputFilter {
  readonly #redactions: Redactions
  readonly #sink: OutputSink
  /** The line that has not ended yet, as far as it is not handed on. */
  readonly #rest = new GrowingBuffer()
  /** Entries of the unfinished line have been handed on: what follows is no begin of a line. */
  #continues = false
  /** The unfinished line is the rest of a secret that is too long for a message. */
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

  /** The output has ended: so has its last line. */
  end(): void {
    if (this.#rest.length > 0) this.#rest.append(lineBreak)
    if (this.#rest.length > 0) this.#splitRest(true)
  }

  /** Whole lines, cut where a line is a message or too long. */
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

  /** Hands on what of the line in `rest` can be: entries that are full, and when the line has ended, all. */
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

  /** Where to cut so that no secret is cut in two. */
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

  /** Secrets are known before anything else is done with the line that tells them. */
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
  /** Its end does not belong to it any more. */
  readonly isCut: boolean
}

/** The line that tells a secret, without it. */
function hideValue(line: string, message: ActionMessage | undefined): string {
  if (message?.kind === 'env') return `openjd_redacted_env: ${message.name}=********`
  const [head = ''] = /^\s*openjd_redacted_env\s*:?\s*("?\w*\s*=)?/i.exec(line) ?? []
  return `${head}********`
}

/** The starts of the lines in a block that are not simply handed on, in order. */
function specialLines(block: Buffer): number[] {
  const starts = [...candidates(block), ...longLines(block)]
  return starts.length < 2 ? starts : [...new Set(starts)].sort((one, other) => one - other)
}

/** One byte a character: a search in a string is as fast as one for bytes, and does not mind the case. */
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

/** Of the line that begins with the word at this position; `undefined` when other words come before it. */
function startOfLine(text: string, position: number): number | undefined {
  const from = Math.max(0, position - longestIndent)
  const before = text.slice(from, position)
  const lineStart = before.lastIndexOf('\n') + 1
  if (lineStart === 0 && from > 0) return undefined
  return indentForm.test(before.slice(lineStart)) ? from + lineStart : undefined
}

/** Steps over as many lines at a time as fit into the longest one. */
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
