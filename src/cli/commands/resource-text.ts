import type { ArgumentDescription } from '../../workflow/script/describe-arguments.ts'
import { alignColumns } from '../terminal/columns.ts'

/** A script, workflow or config that was found. */
export interface Resource {
  readonly kind: 'script' | 'workflow' | 'config'
  readonly name: string
  /** Path of the file, or `bundled`. */
  readonly where: string
  readonly description?: string | undefined
  /** Arguments of a script; absent if its schema does not tell. */
  readonly arguments?: readonly ArgumentDescription[] | undefined
  /** Names of the steps of a workflow. */
  readonly steps?: readonly string[] | undefined
  /** Names of the services of a config. */
  readonly services?: readonly string[] | undefined
  /** Values of a config by their paths, with secrets hidden. */
  readonly values?: Readonly<Record<string, string>> | undefined
  /** Why the resource cannot be used. */
  readonly error?: string
}

/** Returns what people read of resources: a table of each kind, or all of one resource. */
export function resourceText(resources: readonly Resource[], isDetailed: boolean): string {
  if (isDetailed) return resources.map(details).join('\n')
  const kinds = [...new Set(resources.map(({ kind }) => kind))]
  return kinds.map((kind) => section(kind, resources)).join('\n')
}

function section(wanted: Resource['kind'], resources: readonly Resource[]): string {
  const rows = resources
    .filter(({ kind }) => kind === wanted)
    .map((each) => [each.name, each.where === each.name ? '' : each.where, summary(each)])
  return `${wanted}s\n${columns(rows)}`
}

function summary({ description, steps, error }: Resource): string {
  if (error !== undefined) return `cannot be used: ${error.split('\n', 1)[0]}`
  const names = steps && `steps: ${steps.join(', ')}`
  return description ?? names ?? ''
}

/** Returns rows with aligned columns, indented. */
function columns(rows: readonly (readonly string[])[]): string {
  return alignColumns(rows)
    .map((line) => `  ${line}\n`)
    .join('')
}

function details(resource: Resource): string {
  const { kind, name, where, description, error, steps = [], services = [], values = {} } = resource
  const head = [`${kind} ${name}`, where === name ? '' : ` (${where})`, description ? `: ${description}` : '']
  const lines = [head.join(''), ...(error === undefined ? [] : [`cannot be used: ${error}`])]
  const parts = [
    `${lines.join('\n')}\n`,
    listOfNames('steps', steps),
    listOfNames('services', services),
    list('values', Object.entries(values)),
  ]
  return [...parts, kind === 'script' && error === undefined ? argumentText(resource) : ''].join('')
}

function listOfNames(title: string, names: readonly string[]): string {
  const rows = names.map((name) => [name])
  return list(title, rows)
}

function list(title: string, rows: readonly (readonly string[])[]): string {
  return rows.length === 0 ? '' : `${title}\n${columns(rows)}`
}

function argumentText({ name, arguments: known }: Resource): string {
  if (known === undefined) return 'arguments: its schema does not tell\n'
  if (known.length === 0) return `no arguments\n\nuse it in a step:\n\n  - name: ${name}\n    uses: ${name}\n`
  const rows = known.map((each) => [each.name, each.type, describeNeed(each), each.description ?? ''])
  return `arguments\n${columns(rows)}\nuse it in a step:\n\n${example(name, known)}`
}

function describeNeed({ isRequired, default: value }: ArgumentDescription): string {
  if (isRequired) return 'required'
  return value === undefined ? '' : `default: ${typeof value === 'string' ? value : JSON.stringify(value)}`
}

/** Returns an example of a step with the script and its required arguments. */
function example(name: string, known: readonly ArgumentDescription[]): string {
  const needed = known.filter(({ isRequired }) => isRequired)
  const shown = needed.length > 0 ? needed : known.slice(0, 1)
  const lines = shown.map((each) => `      ${each.name}: ${sample(each)}`)
  return [`  - name: ${name}`, `    uses: ${name}`, '    with:', ...lines, ''].join('\n')
}

function sample({ type, default: value }: ArgumentDescription): string {
  if (value !== undefined) return JSON.stringify(value)
  return type.startsWith('list of') ? '[…]' : '…'
}
