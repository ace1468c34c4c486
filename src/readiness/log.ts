import { StringDecoder } from 'node:string_decoder'
import type { LogFile } from '../process/log-file.ts'
import type { Readiness, ReadinessTarget } from './readiness.ts'

/** Longest part of an unfinished line that is searched again together with the following output. */
const longestRest = 16_384

/** Ready when the service's output contains this text, or when a line of the output matches. */
export function log(pattern: string | RegExp): Readiness {
  const matches = typeof pattern === 'string' ? (text: string) => text.includes(pattern) : lineMatcher(pattern)
  const readers = new WeakMap<ReadinessTarget, NewOutput>()
  return {
    description: `${typeof pattern === 'string' ? `"${pattern}"` : pattern} in its log`,
    async probe(target) {
      const reader = readers.get(target) ?? new NewOutput(target)
      readers.set(target, reader)
      return reader.some(matches)
    },
  }
}

/**
 * Removes the flags `g` and `y`, with which an expression remembers its position; `m` lets `^` and `$` match the ends
 * of a line.
 */
function lineMatcher({ source, flags }: RegExp): (text: string) => boolean {
  const expression = new RegExp(source, `${flags.replaceAll(/[gmy]/g, '')}m`)
  return (text) => expression.test(text)
}

/** Reads each byte of a log once, even if much output comes between two looks. */
class NewOutput {
  readonly #log: LogFile
  readonly #decoder = new StringDecoder('utf8')
  #position: number
  #rest = ''

  constructor({ log, logStart = 0 }: ReadinessTarget) {
    this.#log = log
    this.#position = logStart
  }

  some(matches: (text: string) => boolean): boolean {
    for (const chunk of this.#log.chunksFrom(this.#position)) {
      this.#position += chunk.length
      const text = this.#rest + this.#decoder.write(chunk)
      if (matches(text)) return true
      this.#rest = text.slice(text.lastIndexOf('\n') + 1).slice(-longestRest)
    }
    return false
  }
}
