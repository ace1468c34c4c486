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
const mostBytes = 1024 * 1024
const shownLength = 300

/**
 * Returns the first line after the mark that looks like an error, or `undefined`; a heading with the lines below. Reads
 * about 1 MiB at most.
 */
export function firstErrorIn(log: LogFile, mark = 0): string | undefined {
  const lines = linesFrom(log, mark)
  const at = lines.findIndex((text) => errorForms.some((form) => form.test(text)))
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
