import type { Readiness } from './readiness.ts'

/** Ready when the service's output contains this text, or a line of it matches. */
export function log(pattern: string | RegExp): Readiness {
  const matches = typeof pattern === 'string' ? (text: string) => text.includes(pattern) : lineMatcher(pattern)
  return {
    description: `${typeof pattern === 'string' ? `"${pattern}"` : pattern} in its log`,
    probe: async ({ log }) => matches(log.readFrom(0)),
  }
}

/** Without `g` and `y`, with which an expression remembers where it was; `m` lets `^` and `$` mean a line's ends. */
function lineMatcher({ source, flags }: RegExp): (text: string) => boolean {
  const expression = new RegExp(source, `${flags.replaceAll(/[gmy]/g, '')}m`)
  return (text) => expression.test(text)
}
