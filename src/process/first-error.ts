import type { LogFile } from './log-file.ts'

/**
 * Lines that name an error: `TypeError: …`, `error: …`, `panic: …`; `ERROR …`; `[error] …`, `[FTL] …`; `"level":"error"`,
 * `"level":50`.
 */
const errorForms = [
  /(?:^|[\s[("])(?:[\w.]*(?:Error|Exception)|error|fatal|panic)[\])]?:/,
  /\b(?:ERROR|FATAL|PANIC|SEVERE|CRITICAL)\b/,
  /\[(?:error|critical|emerg|ERR|FTL)\] /,
  /"(?:level|severity)":\s*(?:"(?:error|fatal|critical|panic)"|[56]0\b)/i,
]
/** A heading in asterisks, which the lines below explain: `*** FATAL CONFIG FILE ERROR ***` of Redis. */
const heading = /^\*{3} .* \*{3}$/
const explainingLines = 3
/** Matches a log line about a lost connection. 57P01 is the code of Postgres. */
export const lostConnection =
  /ECONNRESET|EPIPE|57P01|\b(connection|socket)\b.*\b(terminated|lost|closed|reset|broke|broken|ended)\b|\b(terminat|los|clos|reset)\w*\b.*\b(connection|socket)\b/i

export interface ErrorSearch {
  /** Position in the log at which the search begins. Default: 0. */
  readonly mark?: number
  /** Whether a lost connection counts as an error. `last`, the default: only if the log has no other error. */
  readonly lostConnections?: 'count' | 'last' | 'ignore'
  /** Matches lines that look like errors, and are none. */
  readonly harmless?: RegExp | undefined
}

const mostBytes = 1024 * 1024
const shownLength = 300

/**
 * Returns the first line of the log that looks like an error, or `undefined`; a heading with the lines below. Reads
 * about 1 MiB at most.
 */
export function firstErrorIn(log: LogFile, search: ErrorSearch = {}): string | undefined {
  const { mark = 0, lostConnections = 'last', harmless } = search
  const lines = linesFrom(log, mark)
  const isError = (text: string): boolean => errorForms.some((form) => form.test(text)) && !harmless?.test(text)
  const other = lines.findIndex((text) => isError(text) && !lostConnection.test(text))
  const isOther = lostConnections === 'ignore' || (lostConnections === 'last' && other >= 0)
  const at = isOther ? other : lines.findIndex(isError)
  if (at < 0) return undefined
  const count = heading.test(lines[at] ?? '') ? 1 + explainingLines : 1
  return lines
    .slice(at, at + count)
    .join(' ')
    .trim()
    .slice(0, shownLength)
}

function linesFrom(log: LogFile, mark: number): string[] {
  const pieces: Buffer[] = []
  let length = 0
  for (const piece of log.chunksFrom(mark)) {
    pieces.push(piece)
    length += piece.length
    if (length >= mostBytes) break
  }
  return Buffer.concat(pieces).toString().split('\n')
}
