import { ConfigError, CycleError } from '../kernel/errors.ts'

export type Needs = ReadonlyMap<string, readonly string[]>

/**
 * Checks that every need exists and that no service needs itself over others.
 *
 * @throws ERR_CONFIG, ERR_CYCLE with the chain
 */
export function checkNeeds(needs: Needs): void {
  for (const [name, wanted] of needs) {
    for (const other of wanted) {
      if (!needs.has(other))
        throw new ConfigError(
          `services.${name}.needs: there is no service "${other}"; expected one of ${[...needs.keys()].join(', ')}`,
        )
    }
  }
  for (const name of needs.keys()) refuseCycle(needs, [name])
}

function refuseCycle(needs: Needs, chain: readonly string[]): void {
  const last = chain.at(-1) ?? ''
  for (const next of needs.get(last) ?? []) {
    if (next === chain[0]) throw new CycleError([...chain, next])
    if (!chain.includes(next)) refuseCycle(needs, [...chain, next])
  }
}

/** The wanted services with everything they need, directly or over others. */
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

/** These services alone: what one needs over others that are left out, it needs directly. */
export function among(needs: Needs, names: Iterable<string>): Needs {
  const kept = new Set(names)
  const keptNeeds = (name: string): string[] =>
    [...withNeeds(needs, needs.get(name) ?? [])].filter((other) => kept.has(other))
  return new Map([...needs.keys()].filter((name) => kept.has(name)).map((name) => [name, keptNeeds(name)]))
}

/**
 * Visits every service, each after all that it needs have been visited; independent ones at the same time. All are
 * settled when this returns or throws the first error.
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

/** The same graph the other way round: for stopping, dependants first. */
export function reversed(needs: Needs): Needs {
  const names = [...needs.keys()]
  return new Map(names.map((name) => [name, names.filter((other) => needs.get(other)?.includes(name))]))
}
