import { ConfigError } from '../kernel/errors.ts'
import { isDictionary, typeName } from '../yaml/dictionary.ts'
import type { FmfContext } from './context.ts'
import { type Variables, variablesOf, variablesOfFiles } from './environment.ts'
import { type FmfNode, type FmfTree, findNode } from './fmf-node.ts'
import { listOf, type Metadata, pythonText } from './metadata.ts'
import { decide } from './rule.ts'

/** A step of a plan on a machine: a script, or packages to install. */
export type PlanStep =
  | { readonly script: string }
  | { readonly packages: readonly string[]; readonly isOptional: boolean }

/** A search for tests. */
interface Discovery {
  readonly filter: readonly string[]
  readonly names: readonly string[]
  readonly exclude: readonly string[]
}

/** The used part of a tmt plan. */
export interface Plan {
  readonly name: string
  readonly discover: readonly Discovery[]
  readonly environment: Variables
  readonly prepare: readonly PlanStep[]
  readonly finish: readonly PlanStep[]
}

/** A plan of an adjusted tree. */
export interface PlanChoice {
  readonly tree: FmfTree
  readonly name: string
  readonly context: FmfContext
}

/**
 * Reads a plan.
 *
 * @throws ERR_CONFIG if the plan is missing, or needs a feature of tmt that is not supported
 * @see https://tmt.readthedocs.io/en/stable/spec/plans.html
 */
export async function readPlan({ tree, name, context }: PlanChoice): Promise<Plan> {
  const node = planNode(tree, name)
  const whereOf = (key: string) => `${node.places.get(key) ?? name}: ${key}`
  const stepsOf = (key: string) => itemsOf({ value: node.data[key], where: whereOf(key), context })
  const files = await variablesOfFiles({
    root: tree.root,
    files: node.data['environment-file'],
    where: whereOf('environment-file'),
  })
  return {
    name,
    discover: stepsOf('discover').map((item) => discoveryOf(item, whereOf('discover'))),
    environment: { ...files, ...variablesOf(node.data.environment, whereOf('environment')) },
    prepare: stepsOf('prepare').flatMap((item) => planStep(item, whereOf('prepare'))),
    finish: stepsOf('finish').flatMap((item) => planStep(item, whereOf('finish'))),
  }
}

function planNode(tree: FmfTree, name: string): FmfNode {
  const node = findNode(tree.node, name)
  if (!node) throw new ConfigError(`${tree.root}: there is no plan ${name}`)
  const [child] = node.children
  if (child) throw new ConfigError(`${tree.root}: ${name} has several plans: choose one, such as ${child.name}`)
  if (node.data.test !== undefined) throw new ConfigError(`${tree.root}: ${name} is a test, and no plan`)
  return node
}

interface Items {
  readonly value: unknown
  readonly where: string
  readonly context: FmfContext
}

/** Returns the items of a step for the context, sorted by `order`. */
function itemsOf({ value, where, context }: Items): Metadata[] {
  const items = listOf(value).map((item) => {
    if (!isDictionary(item)) throw new ConfigError(`${where}: expected a dictionary, but got ${typeName(item)}`)
    if (item.where !== undefined) throw new ConfigError(`${where}: where: several guests are not supported`)
    return item
  })
  const wanted = items.filter(({ when }) => when === undefined || isWanted(when, { where, context }))
  return wanted.sort((a, b) => orderOf(a) - orderOf(b))
}

/** Whether at least one of the rules holds. */
function isWanted(when: unknown, { where, context }: Omit<Items, 'value'>): boolean {
  return listOf(when).some((rule) => decide({ rule, context, where }) === true)
}

/** Returns the order of an item. Default: the default of tmt. */
function orderOf({ order }: Metadata): number {
  return typeof order === 'number' ? order : 50
}

const discoverKeys = ['how', 'name', 'summary', 'order', 'when', 'filter', 'test', 'exclude']

function discoveryOf(item: Metadata, where: string): Discovery {
  if (item.how !== undefined && item.how !== 'fmf') throw unsupported(where, `how: ${item.how}`, 'fmf')
  const unknown = Object.keys(item).find((key) => !discoverKeys.includes(key))
  if (unknown !== undefined) throw unsupported(where, unknown, 'filter, test and exclude')
  const textsOf = (value: unknown) => listOf(value).map(pythonText)
  return { filter: textsOf(item.filter), names: textsOf(item.test), exclude: textsOf(item.exclude) }
}

function planStep(item: Metadata, where: string): PlanStep[] {
  if (item.how === 'shell') return listOf(item.script).map((script) => ({ script: pythonText(script) }))
  if (item.how !== 'install') throw unsupported(where, `how: ${item.how}`, 'shell and install')
  const packages = listOf(item.package).map(pythonText)
  return [{ packages, isOptional: item.missing === 'skip' }]
}

function unsupported(where: string, what: string, supported: string): ConfigError {
  return new ConfigError(`${where}: ${what} is not supported; supported: ${supported}`)
}
