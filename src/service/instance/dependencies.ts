import { ConfigError, CycleError } from '../../kernel/errors.ts'
import { didYouMean } from '../../kernel/suggestion.ts'

export type Needs = ReadonlyMap<string, readonly string[]>

/**
 * Checks that every need exists, and refuses cycles of needs.
 *
 * @throws ERR_CONFIG, ERR_CYCLE with the chain
 */
export function checkNeeds(needs: Needs): void {
  for (const [name, wanted] of needs) {
    const unknown = wanted.find((other) => !needs.has(other))
    if (unknown !== undefined) throw unknownNeed(name, unknown, needs)
  }
  for (const name of needs.keys()) refuseCycle(needs, [name])
}

function unknownNeed(name: string, unknown: string, needs: Needs): ConfigError {
  const others = [...needs.keys()].filter((other) => other !== name)
  const expected = others.length > 0 ? `; expected one of ${others.join(', ')}` : ''
  return new ConfigError(
    `services.${name}.needs: there is no service "${unknown}"${didYouMean(unknown, others)}${expected}`,
  )
}

function refuseCycle(needs: Needs, chain: readonly string[]): void {
  const last = chain.at(-1) ?? ''
  for (const next of needs.get(last) ?? []) {
    if (next === chain[0]) throw new CycleError([...chain, next])
    if (!chain.includes(next)) refuseCycle(needs, [...chain, next])
  }
}

/** Returns the wanted services and all their direct and indirect needs. */
export function withNeeds(needs: Needs, wanted: Iterable<string>): Set<string> {
  const all = new Set<string>()
  const add = (name: string): void => {
    if (all.has(name)) return
    all.add(name)
    needs.get(name)?.forEach(add)
  }
  for (const name of wanted) add(name)
  return all
}

/** Returns the needs among the given services. A need through left-out services becomes a direct need. */
export function subgraph(needs: Needs, names: Iterable<string>): Needs {
  const kept = new Set(names)
  const keptNeeds = (name: string): string[] =>
    [...withNeeds(needs, needs.get(name) ?? [])].filter((other) => kept.has(other))
  return new Map([...needs.keys()].filter((name) => kept.has(name)).map((name) => [name, keptNeeds(name)]))
}

/**
 * Visits every service after its needs; independent services at the same time. All visits have settled when the
 * function returns, or throws the first error.
 */
export async function visitInOrder(needs: Needs, visit: (name: string) => Promise<void>): Promise<void> {
  const visits = new Map<string, Promise<void>>()
  const start = (name: string): Promise<void> => {
    const present = visits.get(name)
    if (present !== undefined) return present
    const own = Promise.all((needs.get(name) ?? []).map(start)).then(() => visit(name))
    visits.set(name, own)
    return own
  }
  const outcomes = await Promise.allSettled([...needs.keys()].map(start))
  const failed = outcomes.find((outcome) => outcome.status === 'rejected')
  if (failed) throw failed.reason
}

/** Returns the graph with reversed edges, for stopping dependants first. */
export function reversed(needs: Needs): Needs {
  const names = [...needs.keys()]
  return new Map(names.map((name) => [name, names.filter((other) => needs.get(other)?.includes(name))]))
}
