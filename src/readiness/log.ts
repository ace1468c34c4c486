import type { Readiness } from './readiness.ts'

/** Ready when the service's output contains this text, or a line of it matches. */
export function log(pattern: string | RegExp): Readiness {
  const matches =
    typeof pattern === 'string'
      ? (text: string) => text.includes(pattern)
      : (text: string) => new RegExp(pattern, 'm').test(text)
  return {
    description: `${pattern} in its log`,
    probe: async ({ log }) => matches(log.readFrom(0)),
  }
}
