import { valueUnless } from '../../kernel/value-unless.ts'
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
function entriesOf(text: string, entries: LogEntries | undefined): string {
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

/** A service with a log, in this process or behind a proxy. */
interface LoggedService {
  /** Throws ERR_STATE while the service is down. */
  readonly log: LogFile
  readonly ownEntries: LogEntries | undefined
  redact(text: string): string
}

const beginning: LogPosition = { logFile: '', position: 0 }

/** Returns the present end of a service's log, as a mark for `logSince`. */
export function logPositionOf(service: Pick<LoggedService, 'log'>): LogPosition {
  const log = valueUnless(['ERR_STATE'], () => service.log)
  return log ? { logFile: log.path, position: log.size() } : beginning
}

/**
 * Returns the log entries of a service since the mark, without secrets; the whole log after a new set-up, and no text
 * for a service that is down. At most the last 16 KiB; a first line then tells how much was left out, and names the
 * file.
 *
 * @param mark default: the beginning of the log
 */
export function logSince(service: LoggedService, mark: LogPosition = beginning): string {
  const log = valueUnless(['ERR_STATE'], () => service.log)
  if (!log) return ''
  const start = mark.logFile === log.path ? mark.position : 0
  const unreadBytes = Math.max(0, log.size() - start - readBytes)
  const text = entriesOf(log.readFrom(start, readBytes), service.ownEntries)
  const bytes = Buffer.from(service.redact(text))
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
