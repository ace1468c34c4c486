import type { LogFile } from '../process/log-file.ts'

/** A place in the log of a service, for `logSince` to read on from; of no other use. */
export interface LogMark {
  readonly logFile: string
  readonly position: number
}

/** How the entries of a log are told apart; each may have many lines. Regular expressions, as texts. */
export interface LogEntries {
  /** Matches the first line of an entry. */
  readonly first: string
  /** Matches the first line of an entry that is to be kept. */
  readonly own: string
}

/** The entries that are to be kept, and what stands before the first entry. */
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

/** Read at most, so that a server that floods its log costs no memory. */
const readBytes = 1024 * 1024
/** Shown at most: about three screens. */
const shownBytes = 16 * 1024

/** The end of a log, as a mark. */
export function markOf(log: LogFile): LogMark {
  return { logFile: log.path, position: log.size() }
}

/**
 * What a log says since the mark, or all of it where it is another log by now: at most the last 16 KiB of what
 * `prepare` makes of it, then after a line that says so.
 */
export function sliceOf(log: LogFile, mark: LogMark, prepare: (text: string) => string): string {
  const start = mark.logFile === log.path ? mark.position : 0
  const unreadBytes = Math.max(0, log.size() - start - readBytes)
  const bytes = Buffer.from(prepare(log.readFrom(start, readBytes)))
  if (unreadBytes === 0 && bytes.length <= shownBytes) return bytes.toString()
  const shown = lastLines(bytes)
  const leftOutKiB = Math.ceil((unreadBytes + bytes.length - shown.length) / 1024)
  return `… ${leftOutKiB} KiB before this are left out; they are in ${log.path}\n${shown}`
}

/** Whole ones; the end of one that is longer than all that is shown. */
function lastLines(bytes: Buffer): Buffer {
  const end = bytes.subarray(-shownBytes)
  const firstBreak = end.indexOf('\n')
  return end.subarray(firstBreak < end.length - 1 ? firstBreak + 1 : 0)
}
