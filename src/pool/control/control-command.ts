import { parseDuration } from '../../kernel/duration.ts'
import { ControlError } from '../../kernel/errors.ts'

/** A line of the control channel. Times are milliseconds. */
export type ControlCommand =
  | { readonly word: 'result' | 'service'; readonly length: number }
  | { readonly word: 'exitcode'; readonly exitCode: number }
  | { readonly word: 'duration'; readonly change: 'restart' | 'extend'; readonly ms: number }
  | { readonly word: 'duration'; readonly change: 'save' | 'restore' }
  | { readonly word: 'disconnect' }
  | { readonly word: 'noop' }

/** Longest JSON of a result or service: it is held in memory, but files are not. */
const longestJson = 16 * 1024 * 1024
const largestExitCode = 255

type Parser = (argument: string) => ControlCommand | undefined

const parsers: ReadonlyMap<string, Parser> = new Map<string, Parser>([
  ['result', lengthParser('result')],
  ['exitcode', parseExitCode],
  ['duration', parseDurationChange],
  ['disconnect', () => ({ word: 'disconnect' })],
  ['noop', () => ({ word: 'noop' })],
  ['service', lengthParser('service')],
])

/**
 * Parses a line of the control channel, without the newline.
 *
 * @throws ERR_CONTROL with the line
 * @see https://github.com/RHSecurityCompliance/atex `TEST_CONTROL.md`
 */
export function parseControlLine(line: string): ControlCommand {
  const [word = '', ...rest] = line.split(' ')
  const parse = parsers.get(word)
  if (!parse) throw malformed(line, `the word must be one of ${[...parsers.keys()].join(', ')}`)
  const command = parse(rest.join(' '))
  if (command) return command
  throw malformed(line, expectations[word] ?? 'its argument is not understood')
}

const lengthExpectation = `expected the length of its JSON in bytes, from 2 to ${longestJson}`

const expectations: Readonly<Record<string, string>> = {
  result: lengthExpectation,
  service: lengthExpectation,
  exitcode: `expected a number from 0 to ${largestExitCode}`,
  duration: 'expected a duration such as 15m, +60, -60, save or restore',
}

/** Longest part of a line in messages. */
const shownLength = 200

/** Returns the error for a line against the protocol. */
export function malformed(line: string, why: string): ControlError {
  const shown = line.length > shownLength ? `${line.slice(0, shownLength)}…` : line
  return new ControlError(`test control: ${JSON.stringify(shown)}: ${why}`)
}

function lengthParser(word: 'result' | 'service'): Parser {
  return (argument) => {
    const length = parseNumber(argument)
    // The shortest object is "{}".
    return length >= 2 && length <= longestJson ? { word, length } : undefined
  }
}

function parseExitCode(argument: string): ControlCommand | undefined {
  const exitCode = parseNumber(argument)
  return exitCode <= largestExitCode ? { word: 'exitcode', exitCode } : undefined
}

function parseDurationChange(argument: string): ControlCommand | undefined {
  if (argument === 'save' || argument === 'restore') return { word: 'duration', change: argument }
  const [, sign = '', duration = ''] = /^([+-]?)(.*)$/.exec(argument) ?? []
  const ms = parseDuration(duration)
  if (ms === undefined || (ms === 0 && sign === '')) return undefined
  if (sign === '') return { word: 'duration', change: 'restart', ms }
  return { word: 'duration', change: 'extend', ms: sign === '-' ? -ms : ms }
}

/** Returns `NaN` unless the text is all digits. */
function parseNumber(digits: string): number {
  return /^\d{1,15}$/.test(digits) ? Number(digits) : Number.NaN
}
