import type { LogFile } from '../../process/log-file.ts'

/** Position in the log of a service, for `logSince` alone. */
export interface LogPosition {
  readonly logFile: string
  readonly position: number
}

/** How to split a log into entries of one or more lines. Regular expressions, as strings. */
export interface LogEntries {
  /** Matches the first line of an entry. */
  readonly first: string
  /** Matches the first line of an entry to keep. */
  readonly own: string
}

/** Returns the entries to keep, and the lines before the first entry. */
export function entriesOf(text: string, entries: LogEntries | undefined): string {
  if (entries === undefined) return text
  const [first, own] = [new RegExp(entries.first), new RegExp(entries.own)]
  let isOwn = true
  const lines = text.split('\n').filter((line) => {
    if (first.test(line)) isOwn = own.test(line)
    return isOwn
  })
  return lines.join('\n')
}

/** Most bytes to read, so that a flooded log costs no memory. */
const readBytes = 1024 * 1024
/** Most bytes to show: about three screens. */
const shownBytes = 16 * 1024

/** Returns the present end of a log as a mark. */
export function endOfLog(log: LogFile): LogPosition {
  return { logFile: log.path, position: log.size() }
}

/**
 * Returns the log since the mark, or the whole log if the file has changed. Shows at most the last 16 KiB of the result
 * of `prepare`; a first line then tells how much was left out.
 */
export function logExcerpt(log: LogFile, mark: LogPosition, prepare: (text: string) => string): string {
  const start = mark.logFile === log.path ? mark.position : 0
  const unreadBytes = Math.max(0, log.size() - start - readBytes)
  const bytes = Buffer.from(prepare(log.readFrom(start, readBytes)))
  if (unreadBytes === 0 && bytes.length <= shownBytes) return bytes.toString()
  const shown = lastLines(bytes)
  const leftOutKiB = Math.ceil((unreadBytes + bytes.length - shown.length) / 1024)
  return `… ${leftOutKiB} KiB before this are left out; they are in ${log.path}\n${shown}`
}

/** Returns whole lines; for a last line longer than the limit, the end of the line. */
function lastLines(bytes: Buffer): Buffer {
  const end = bytes.subarray(-shownBytes)
  const firstBreak = end.indexOf('\n')
  return end.subarray(firstBreak < end.length - 1 ? firstBreak + 1 : 0)
}
