import { relative } from 'node:path'
import { newerFiles } from '../../config/newer-files.ts'
import { describeDefault, hasConfigFile, type Stack } from '../../config/stack.ts'
import { type Holder, listHolders } from '../../helper/holder-record.ts'
import { stateDirectory } from '../../host/state-directory.ts'
import { labelOf } from '../../service/options/label.ts'
import { inheritedEnvironment } from './run-environment.ts'
import type { RunServices } from './run-services.ts'

interface Used {
  readonly shared: RunServices
  /** The root of the project, for short paths. */
  readonly root: string
}

/** Describes in a line whether a run uses own instances or a helper's, and whether the helper is out of date. */
export async function describeUse(stack: Stack, { shared, root }: Used): Promise<string> {
  const own = [...shared.held.keys()]
  const isDefault = own.length > 0 && stack.names.length === 0 && !hasConfigFile(stack)
  const parts = isDefault ? [describeDefault(stack.directory)] : []
  if (own.length > 0) parts.push(`${own.join(', ')}: this run's own`)
  for (const [holder, names] of holdersOf(stack, shared.attached)) {
    parts.push(`${names.join(', ')}: attached to ${describeHolder(holder)}`)
    const newer = holder ? await changedFiles(stack, names, holder.startedAt) : []
    if (newer.length > 0) {
      const files = newer.map((path) => relative(root, path)).join(', ')
      parts.push(`newer than that, and not used before it is stopped and started: ${files}`)
    }
  }
  if (parts.length === 0) parts.push(`${Object.keys(stack.config.services).join(', ')}: started by each worker`)
  return `test-services: ${parts.join('; ')}`
}

/** Groups attached services by holder; `undefined` stands for services declared by hand. */
function holdersOf({ prefix }: Stack, names: readonly string[]): Map<Holder | undefined, string[]> {
  const environment = inheritedEnvironment()
  const holders = listHolders(stateDirectory())
  const found = new Map<Holder | undefined, string[]>()
  for (const name of names) {
    const pid = Number(environment[`${prefix}_${labelOf(name)}_CONTROL_PID`])
    const holder = holders.find(({ identity }) => identity.pid === pid)
    found.set(holder, [...(found.get(holder) ?? []), name])
  }
  return found
}

function describeHolder(holder: Holder | undefined): string {
  if (!holder) return 'what the environment declares'
  const { kind, name, project, identity, startedAt } = holder
  if (kind === 'exec') return `the exec of this command (process ${identity.pid})`
  return `the helper "${name}" of ${project} (process ${identity.pid}, since ${startedAt})`
}

/** Returns the files of the named services that are newer than an instant. */
function changedFiles({ config, directory }: Stack, names: readonly string[], since: string): Promise<string[]> {
  const patterns = names.flatMap((name) => config.services[name]?.files ?? [])
  return newerFiles({ patterns, directory }, Date.parse(since))
}
