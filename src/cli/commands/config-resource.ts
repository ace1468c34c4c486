import { resolve } from 'node:path'
import { Redactor } from '../../kernel/redactor.ts'
import { hidden, secretKey } from '../../kernel/secrets.ts'
import { loadWorkflowConfig } from '../../workflow/config/load-workflow-config.ts'
import type { WorkflowConfig } from '../../workflow/config/workflow-config.ts'
import { isDictionary } from '../../yaml/dictionary.ts'
import type { Resource } from './resource-text.ts'

/** Describes a config: its services, and its values after overrides by variables. Secrets are hidden. */
export async function describeConfig(file: string, directory: string): Promise<Resource> {
  const path = resolve(directory, file)
  const config = await loadWorkflowConfig([path], { directory, environment: process.env })
  const services = /[jt]s$/.test(file) ? await config.servicesOf([]) : undefined
  return {
    kind: 'config',
    name: file,
    where: file,
    services: services?.project === path ? Object.keys(services.config.services) : [],
    values: shownValues(config),
  }
}

/** Returns all values that are no dictionaries, by their paths, as texts. A list is one value, with all inside. */
function shownValues(config: WorkflowConfig): Readonly<Record<string, string>> {
  const redactor = new Redactor(config.secrets)
  const shown = (path: string): string => {
    const value = config.value(path)
    return secretKey.test(path) ? hidden : redactor.apply(typeof value === 'string' ? value : jsonWithoutSecrets(value))
  }
  const lists = config.paths().filter((path) => Array.isArray(config.value(path)))
  const isInList = (path: string): boolean => lists.some((list) => path.startsWith(`${list}.`))
  const leaves = config.paths().filter((path) => !isDictionary(config.value(path)) && !isInList(path))
  return Object.fromEntries(leaves.map((path) => [path, shown(path)]))
}

/** Returns JSON with the values of secret keys hidden: the redactor knows no short secrets. */
function jsonWithoutSecrets(value: unknown): string {
  return JSON.stringify(value, (key, each) => (secretKey.test(key) ? hidden : each))
}
