import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { namesIn } from '../../host/files/names-in.ts'
import { valueUnless } from '../../kernel/value-unless.ts'

/** Name of the workflow that runs if none is named. */
export const defaultWorkflow = 'workflow.yaml'

/** Places of workflows, relative to the directory of a project. */
const places = ['.', 'workflows'] as const
const yamlForm = /\.ya?ml$/
/** A key at the top of the file; the file need not be valid to be listed. */
const stepsForm = /^steps\s*:/m
const configForm = /^(.+\.)?config\.(ya?ml|toml)$/

/** Returns the workflow files of a directory and its `workflows/`: YAML files with `steps`. Paths are relative to it. */
export function findWorkflows(directory: string): string[] {
  const files = filesIn(directory).filter((file) => yamlForm.test(file) && !configForm.test(file))
  const found = files.filter((file) => stepsForm.test(textOf(join(directory, file))))
  return found.sort((a, b) => Number(b === defaultWorkflow) - Number(a === defaultWorkflow))
}

/** Returns the config files for workflows in YAML and TOML: `workflow.config.yaml`, `lab.config.toml`. */
export function findWorkflowConfigs(directory: string): string[] {
  return filesIn(directory).filter((file) => configForm.test(file))
}

/** Returns an empty text for a file that may not be read. */
function textOf(file: string): string {
  return valueUnless(['EACCES', 'ENOENT'], () => readFileSync(file, 'utf8')) ?? ''
}

function filesIn(directory: string): string[] {
  const names = places.flatMap((place) =>
    isDirectory(join(directory, place)) ? namesIn(join(directory, place)).map((name) => join(place, name)) : [],
  )
  return names.filter((name) => isFile(join(directory, name))).sort()
}

function isDirectory(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() ?? false
}
