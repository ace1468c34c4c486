/** A step of the path from the whole value to the invalid value. */
type PathStep = PropertyKey | { readonly key: PropertyKey; readonly origin?: 'key' | 'value' }

/** An issue of a schema. All properties except `message` and `path` are valibot's own, and absent in other issues. */
export interface SchemaIssue {
  readonly message: string
  readonly path?: readonly PathStep[] | undefined
  readonly type?: string
  readonly expected?: string | null
  readonly received?: string
  readonly issues?: readonly SchemaIssue[] | undefined
}

/** Returns the keys that lead to the invalid value. */
export function keysOf({ path = [] }: SchemaIssue): string[] {
  return path.map((step) => String(typeof step === 'object' ? step.key : step))
}

/** Whether the key of the issue is invalid, as opposed to the value. */
export function isAboutKey({ path = [] }: SchemaIssue): boolean {
  const last = path.at(-1)
  return typeof last === 'object' && last.origin === 'key'
}
