import { persistentLabels, persistentVariable } from '../../service/instance/variables.ts'

type Variables = Readonly<Record<string, string>>

/** Original values of all variables ever set by this file. */
const before = new Map<string, string | undefined>()
const exported = new Set<Variables>()

/** Puts variables into `process.env`, which workers inherit. Returns a function to remove the variables. */
export function exportVariables(variables: Variables): () => void {
  for (const name of Object.keys(variables)) if (!before.has(name)) before.set(name, process.env[name])
  exported.add(variables)
  apply()
  return () => {
    exported.delete(variables)
    apply()
  }
}

/** Returns the environment without the services of this run, but with the services that ran before. */
export function inheritedEnvironment(): NodeJS.ProcessEnv {
  return { ...process.env, ...Object.fromEntries(before) }
}

/** Returns the labels of the services that this run has exported. */
export function exportedLabels(prefix: string): string[] {
  return [...exported].flatMap((variables) => persistentLabels(variables, prefix) ?? [])
}

function apply(): void {
  for (const [name, value] of before) {
    const present = [...exported].flatMap((variables) => variables[name] ?? [])
    // Labels that were declared before stay in the list: another project of the run may attach to the services.
    const isList = name.endsWith(persistentVariable('')) && present.length > 0
    const result = isList ? [value ?? [], ...present].flat().filter(Boolean).join(',') : (present.at(-1) ?? value)
    if (result === undefined) delete process.env[name]
    else process.env[name] = result
  }
}
