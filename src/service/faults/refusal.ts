/** What decides whether a service allows faults. */
interface Situation {
  readonly phase: string
  /** Whether the service is a tenant of an instance that others use, too. */
  readonly isTenant: boolean
  /** Advice for a service that is down. */
  readonly whenDown: string
}

/** Returns why a service allows no faults now; `undefined` if it allows them. */
export function refusalOf({ phase, isTenant, whenDown }: Situation): string | undefined {
  if (phase !== 'up') return `it is ${phase}; ${whenDown}`
  if (isTenant)
    return "others use its instance, too; use an instance of your own: useService(…, { instance: 'unique' }), or start(…) without useExisting"
  return undefined
}
