import { persistentLabels, persistentVariable } from '../../service/variables.ts'

type Variables = Readonly<Record<string, string>>

/** What this process's environment was before we changed it, for each name that we ever set. */
const before = new Map<string, string | undefined>()
const exported = new Set<Variables>()

/** Puts variables into this process's environment, from which Vitest makes that of its workers; gives the removal. */
export function exportVariables(variables: Variables): () => void {
  for (const name of Object.keys(variables)) if (!before.has(name)) before.set(name, process.env[name])
  exported.add(variables)
  apply()
  return () => {
    exported.delete(variables)
    apply()
  }
}

/** The environment as it was before this run put its own services in it: what somebody else declares as running. */
export function inheritedEnvironment(): NodeJS.ProcessEnv {
  return { ...process.env, ...Object.fromEntries(before) }
}

/** The labels that this run exports already. */
export function exportedLabels(prefix: string): string[] {
  return [...exported].flatMap((variables) => persistentLabels(variables, prefix) ?? [])
}

function apply(): void {
  for (const [name, value] of before) {
    const present = [...exported].flatMap((variables) => variables[name] ?? [])
    // What others declare goes on being declared: another project of this run may attach to it.
    const isList = name.endsWith(persistentVariable('')) && present.length > 0
    const result = isList ? [value ?? [], ...present].flat().filter(Boolean).join(',') : (present.at(-1) ?? value)
    if (result === undefined) delete process.env[name]
    else process.env[name] = result
  }
}
