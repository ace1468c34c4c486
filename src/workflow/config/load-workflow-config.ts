import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { findConfig } from '../../config/find-config.ts'
import type { TransportOptions } from '../../config/transport-options.ts'
import { Deadline } from '../../kernel/deadline.ts'
import { asError, ConfigError } from '../../kernel/errors.ts'
import { secretsIn } from '../../kernel/secrets.ts'
import { defaultTimeoutMs } from '../../service/set-up-options.ts'
import type { Dictionary } from '../../yaml/dictionary.ts'
import { type ConfigPart, readConfigPart } from './config-part.ts'
import { mergeTransports, mergeValues } from './merge-values.ts'
import { Overrides, variableOf } from './overrides.ts'
import { valueAt, valuePaths, withSecretKeys } from './paths.ts'
import { problemsOfTransport, withOverrides } from './transport-choice.ts'
import type { WorkflowConfig } from './workflow-config.ts'

/** Names of config files beside a workflow. */
const workflowConfigNames: readonly string[] = ['yaml', 'yml', 'toml'].map((ending) => `workflow.config.${ending}`)

interface Place {
  /** Directory of the workflow. */
  readonly directory: string
  readonly environment: NodeJS.ProcessEnv
  /** Cancels the loading of a config file that does not end. */
  readonly signal?: AbortSignal | undefined
}

/**
 * Loads the config of a workflow.
 *
 * @param files merged in this order. Default for an empty list: the config file of the project, and then
 *   `workflow.config.yaml` or `.toml` in the directory of the workflow; none of them is fine
 * @throws ERR_CONFIG with all mistakes in all files and in the variables `TEST_SERVICES_*`; ERR_DEADLINE; ERR_CANCELED
 */
export async function loadWorkflowConfig(files: readonly string[], place: Place): Promise<WorkflowConfig> {
  const paths = files.length > 0 ? files.map((file) => resolve(file)) : defaultFiles(resolve(place.directory))
  const deadline = new Deadline(`loading the config ${paths.join(', ')}`, defaultTimeoutMs, place.signal)
  const read = await deadline.race(() => Promise.allSettled(paths.map(readConfigPart)))
  const failures = read.flatMap((each) => (each.status === 'rejected' ? [asError(each.reason)] : []))
  if (failures.length === 1) throw failures[0]
  if (failures.length > 1) throw new ConfigError(failures.map(({ message }) => message).join('\n'))
  const parts = read.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []))
  return merged(parts, place)
}

function defaultFiles(directory: string): string[] {
  const [beside, other] = workflowConfigNames.filter((name) => existsSync(join(directory, name)))
  if (other) throw new ConfigError(`${directory} has both ${beside} and ${other}; remove one, or name it by -c`)
  const project = findConfig(directory)
  return [...(project ? [project] : []), ...(beside ? [join(directory, beside)] : [])]
}

function merged(parts: readonly ConfigPart[], { directory, environment, signal }: Place): WorkflowConfig {
  const overrides = new Overrides(environment)
  const values = parts.reduce<unknown>((before, part) => mergeValues(before, part.values), {})
  const inFiles = parts.reduce((before, part) => mergeTransports(before, part.transports), {})
  const transports = Object.fromEntries(
    Object.entries(inFiles).map(([name, each]) => [name, withOverrides(name, each, overrides)]),
  )
  const root = { ...(overrides.applied(values) as Dictionary), transports }
  const problems = [...overrides.problems, ...transportProblems(transports, { parts, overrides })]
  if (problems.length > 0) throw new ConfigError(problems.join('\n'))
  const loaded = parts.findLast((part) => part.services)?.services
  return {
    files: parts.map(({ file }) => file),
    transports: new Map(Object.entries(transports) as [string, TransportOptions][]),
    secrets: [...new Set(secretsIn(...withSecretKeys(root), overridesIn(environment)))],
    value: (path) => {
      const keys = path.split('.')
      const value = valueAt(root, keys)
      return value === undefined ? overrides.textFor(keys) : value
    },
    paths: () => valuePaths(root),
    servicesOf: async (names, ends = signal) =>
      (await import('../../config/stack.ts')).findStack({ directory, names, loaded, signal: ends }),
  }
}

/** Returns the variables that may be overrides: a value may be in no file. */
function overridesIn(environment: NodeJS.ProcessEnv): Dictionary {
  return Object.fromEntries(Object.entries(environment).filter(([name]) => name.startsWith(variableOf([]))))
}

interface Origin {
  readonly parts: readonly ConfigPart[]
  readonly overrides: Overrides
}

function transportProblems(transports: Dictionary, origin: Origin): string[] {
  return Object.entries(transports).flatMap(([name, transport]) =>
    problemsOfTransport(name, transport).map(({ keys, message }) => {
      const path = ['transports', name, ...keys]
      return `${placeOf(path, origin)}: ${path.join('.')}: ${message}`
    }),
  )
}

/** Returns the place where a value comes from: its variable, or the last file that has it or what is around it. */
function placeOf(path: readonly string[], { parts, overrides }: Origin): string {
  if (overrides.textFor(path) !== undefined) return variableOf(path)
  for (let length = path.length; length > 0; length--) {
    const keys = path.slice(0, length)
    const part = parts.findLast((each) => valueAt({ transports: each.transports }, keys) !== undefined)
    if (part) return part.place(keys)
  }
  return 'the config'
}
