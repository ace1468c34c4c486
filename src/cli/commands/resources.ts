import { join, relative } from 'node:path'
import { findConfig } from '../../config/find-config.ts'
import { asError, UsageError } from '../../kernel/errors.ts'
import { didYouMean } from '../../kernel/suggestion.ts'
import { type ArgumentDescription, describeArguments } from '../../workflow/script/describe-arguments.ts'
import { findWorkflowConfigs, findWorkflows } from '../../workflow/script/find-workflows.ts'
import type { FoundScript, ScriptModule } from '../../workflow/script/script.ts'
import { workflowOutline } from '../../workflow/script/workflow-outline.ts'
import { knownScripts } from '../../workflow/scripts/bundled-scripts.ts'
import { exitCodes } from '../terminal/exit-codes.ts'
import type { GlobalOptions } from '../terminal/options.ts'
import { describeConfig } from './config-resource.ts'
import { type Resource, resourceText } from './resource-text.ts'

interface ResourcesOptions extends GlobalOptions {
  readonly json?: boolean
}

/** Lists scripts, workflows and configs, or tells all about one of them. @throws ERR_USAGE for an unknown name */
export async function resources(name: string | undefined, { json }: ResourcesOptions): Promise<number> {
  const all = await findResources(process.cwd(), name)
  const chosen = name === undefined ? all : all.filter((resource) => resource.name === name)
  if (chosen.length === 0) throw unknown(name ?? '', all)
  const isOne = name !== undefined
  // Only the details name arguments.
  const shown = isOne ? chosen : chosen.map(({ arguments: _, ...resource }) => resource)
  process.stdout.write(json ? `${JSON.stringify(isOne ? shown[0] : shown, null, 2)}\n` : resourceText(shown, isOne))
  return exitCodes.done
}

function unknown(name: string, all: readonly Resource[]): UsageError {
  const names = all.map((resource) => resource.name)
  return new UsageError(
    `there is no script, workflow or config "${name}"${didYouMean(name, names)}; there are ${names.join(', ')}`,
  )
}

/** Finds scripts, workflows and configs. Only the config of the wanted name is loaded. */
async function findResources(directory: string, wanted: string | undefined): Promise<Resource[]> {
  const scripts = knownScripts(directory)
  const config = findConfig(directory)
  const configs = [...(config === undefined ? [] : [relative(directory, config)]), ...findWorkflowConfigs(directory)]
  return [
    ...(await Promise.all(scripts.names().map((name) => describeScript(name, () => scripts.find(name), directory)))),
    ...(await Promise.all(findWorkflows(directory).map((file) => describeWorkflow(file, directory)))),
    ...(await Promise.all(configs.map((file) => (file === wanted ? configOf(file, directory) : nameOf(file))))),
  ]
}

/** A script that cannot be loaded is listed with its error: the list is where one looks for the reason. */
async function describeScript(name: string, find: () => FoundScript | undefined, directory: string): Promise<Resource> {
  let where = ''
  try {
    const found = find()
    where = found?.file === undefined ? 'bundled' : relative(directory, found.file)
    const module = await found?.load()
    return { kind: 'script', name, where, description: module?.description, arguments: argumentsOf(module) }
  } catch (thrown) {
    return { kind: 'script', name, where, error: asError(thrown).message }
  }
}

function nameOf(file: string): Resource {
  return { kind: 'config', name: file, where: file }
}

function configOf(file: string, directory: string): Promise<Resource> {
  return describeConfig(file, directory).catch((thrown) => ({ ...nameOf(file), error: asError(thrown).message }))
}

function argumentsOf(module: ScriptModule | undefined): readonly ArgumentDescription[] | undefined {
  return describeArguments(module?.schema)
}

async function describeWorkflow(file: string, directory: string): Promise<Resource> {
  const { doc, steps } = await workflowOutline(join(directory, file))
  return { kind: 'workflow', name: file, where: file, description: doc?.trim().split('\n', 1)[0], steps }
}
