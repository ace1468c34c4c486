import { StringDecoder } from 'node:string_decoder'
import type { LogFile } from '../process/log-file.ts'
import type { Readiness, ReadinessTarget } from './readiness.ts'

/** Of a line that has not ended: the longest part that is looked at again with what comes after it. */
const longestRest = 16_384

/** Ready when the service's output contains this text, or a line of it matches. */
export function log(pattern: string | RegExp): Readiness {
  const matches = typeof pattern === 'string' ? (text: string) => text.includes(pattern) : lineMatcher(pattern)
  const readers = new WeakMap<ReadinessTarget, NewOutput>()
  return {
    description: `${typeof pattern === 'string' ? `"${pattern}"` : pattern} in its log`,
    async probe(target) {
      const reader = readers.get(target) ?? new NewOutput(target.log)
      readers.set(target, reader)
      return reader.some(matches)
    },
  }
}

/** Without `g` and `y`, with which an expression remembers where it was; `m` lets `^` and `$` mean a line's ends. */
function lineMatcher({ source, flags }: RegExp): (text: string) => boolean {
  const expression = new RegExp(source, `${flags.replaceAll(/[gmy]/g, '')}m`)
  return (text) => expression.test(text)
}

/** Reads each byte of a log once, however much of it comes between two looks. */
class NewOutput {
  readonly #log: LogFile
  readonly #decoder = new StringDecoder('utf8')
  #position = 0
  #rest = ''

  constructor(log: LogFile) {
    this.#log = log
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
