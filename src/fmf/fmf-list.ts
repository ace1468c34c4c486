import { adjusted } from './adjust.ts'
import { meetsCondition } from './condition.ts'
import { filterOf } from './filter.ts'
import { type FmfNode, readTree, selectedNodes } from './fmf-node.ts'
import { pythonRegExp, searches } from './python-regexp.ts'

/** The choice of nodes in a tree. A node must pass all filters and meet all conditions. */
export interface FmfSearch {
  /**
   * Facts about the place where tests run, for the rules of `adjust`: `{ distro: 'fedora-33', arch: ['x86_64'] }`.
   * Default: no facts.
   */
  readonly context?: Readonly<Record<string, string | readonly string[]>> | undefined
  /** Such as `tag: Tier1 & component: -kernel`. */
  readonly filter?: string | readonly string[] | undefined
  /** Such as `tier == 1 and "slow" not in tag`. */
  readonly condition?: string | readonly string[] | undefined
  /** Regular expressions of Python; a name must match at least one. Default: all names. */
  readonly names?: readonly string[] | undefined
  /** Regular expressions of Python; a name must match none. */
  readonly exclude?: readonly string[] | undefined
}

/** A node of an FMF tree. */
export interface FmfNodeData {
  /** `/smoke/login` */
  readonly name: string
  /** All attributes, with their values of YAML, after inheritance and `adjust`. */
  readonly data: Readonly<Record<string, unknown>>
}

/**
 * Lists the nodes of the FMF tree around a directory: the nodes without children, unless a directive `select` decides.
 *
 * @throws ERR_CONFIG for a mistake in a file (with line and column), a filter, a condition or an expression
 */
export async function fmfList(directory: string, search: FmfSearch = {}): Promise<FmfNodeData[]> {
  const { node } = await readTree(directory)
  return foundNodes(adjusted(node, search.context ?? {}), search).map(({ name, data }) => ({ name, data }))
}

/** Returns the nodes of an adjusted tree chosen by a search. */
export function foundNodes(tree: FmfNode, { filter, condition, names = [], exclude = [] }: FmfSearch): FmfNode[] {
  const wanted = names.map((name) => pythonRegExp(name, 'names'))
  const unwanted = exclude.map((name) => pythonRegExp(name, 'exclude'))
  const filters = textsOf(filter).map(filterOf)
  const conditions = textsOf(condition)
  return selectedNodes(tree).filter((node) => {
    if (wanted.length > 0 && !wanted.some((name) => searches(name, node.name))) return false
    if (unwanted.some((name) => searches(name, node.name))) return false
    if (!filters.every((passes) => passes(node))) return false
    return conditions.every((each) => meetsCondition(each, node.data))
  })
}

function textsOf(value: string | readonly string[] | undefined): readonly string[] {
  return typeof value === 'string' ? [value] : (value ?? [])
}
