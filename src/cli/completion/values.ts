import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import type { Argument, Command, Option } from 'commander'
import { findConfig } from '../../config/find-config.ts'
import { fixtureNames } from '../../config/fixtures.ts'
import { valueUnless } from '../../kernel/value-unless.ts'
import { formats, shells } from '../../shell/format.ts'
import { defaultWorkflow, findWorkflowConfigs, findWorkflows } from '../../workflow/script/find-workflows.ts'
import { knownScripts } from '../../workflow/scripts/bundled-scripts.ts'
import { serviceNames } from '../init/config-source.ts'
import type { Place } from './locate.ts'

/** Values for a word, or the kind of paths that the shell completes. */
export type Values = readonly string[] | 'files' | 'directories'

type Complete = (place: Place) => Values | Promise<Values>

const directory = (): string => process.cwd()

/** Values of arguments and options, by the name of their placeholder. */
const byPlaceholder: Readonly<Record<string, Complete>> = {
  file: () => 'files',
  directory: () => 'directories',
  service: (place) => unused(services(place), place),
  fixture: (place) => unused(fixtureNames(directory()), place),
  step: async (place) => unused(await steps(place), place),
  shell: () => shells,
  format: () => formats,
  subcommand: ({ command }) => command.parent?.commands.map((each) => each.name()) ?? [],
}

/** Values of arguments of one command, where the placeholder does not tell enough. */
const byCommand: Readonly<Record<string, Complete>> = {
  'init fixture': (place) => unused([...fixtureNames(directory()), 'workflow'], place),
  'doctor fixture': (place) => unused([...new Set([...services(place), ...fixtureNames(directory())])], place),
  'workflow file': () => orFiles(findWorkflows(directory())),
  'resources name': () => [
    ...knownScripts(directory()).names(),
    ...findWorkflows(directory()),
    ...findWorkflowConfigs(directory()),
  ],
}

/** Returns the values for an argument of a command. */
export function argumentValues(argument: Argument, command: Command, place: Place): Values | Promise<Values> {
  if (argument.argChoices) return argument.argChoices
  const name = argument.name()
  return (byCommand[`${command.name()} ${name}`] ?? byPlaceholder[name])?.(place) ?? []
}

/** Returns the values for an option. */
export function optionValues(option: Option, place: Place): Values | Promise<Values> {
  const [, placeholder = ''] = /[<[]([\w-]+)/.exec(option.flags) ?? []
  return option.argChoices ?? byPlaceholder[placeholder]?.(place) ?? []
}

function orFiles(values: readonly string[]): Values {
  return values.length === 0 ? 'files' : values
}

function unused(values: readonly string[], { positional }: Place): readonly string[] {
  return values.filter((value) => !positional.includes(value))
}

/**
 * Returns the names of the services of the config; those of the fixtures without a config. Reads the text of the config:
 * a key must not run the code of a project.
 */
function services({ config }: Place): readonly string[] {
  const file = config ?? findConfig(directory())
  if (file === undefined) return fixtureNames(directory())
  const text = valueUnless(['ENOENT', 'EISDIR', 'EACCES'], () => readFileSync(resolve(file), 'utf8'))
  return text === undefined ? [] : serviceNames(text)
}

/** YAML is loaded late: it takes longer than all else. */
async function steps({ command, positional }: Place): Promise<readonly string[]> {
  const [file = defaultWorkflow] = command.name() === 'workflow' ? positional : []
  const { workflowOutline } = await import('../../workflow/script/workflow-outline.ts')
  return (await workflowOutline(resolve(file))).steps
}
