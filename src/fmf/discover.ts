import { adjusted } from './adjust.ts'
import { type FmfSearch, foundNodes } from './fmf-list.ts'
import { type FmfNode, type FmfTree, readTree } from './fmf-node.ts'
import { type Plan, readPlan } from './plan.ts'
import { isRunnable, type TestMetadata, testMetadata } from './test-metadata.ts'

/** The choice of tests in a tree. Values of the search replace values of the plan. */
export interface TestSearch extends FmfSearch {
  /** Name of a tmt plan, for `discover`, `environment`, `prepare` and `finish`. Default: no plan. */
  readonly plan?: string | undefined
}

export interface DiscoveredTests {
  /** Directory with `.fmf`. */
  readonly root: string
  readonly plan: Plan
  readonly tests: readonly TestMetadata[]
}

const noPlan: Plan = { name: '/', discover: [], environment: {}, prepare: [], finish: [] }

/** Finds the tests of the tree around a directory. @throws ERR_CONFIG for a mistake in a file or in the search */
export async function discoverTests(directory: string, search: TestSearch = {}): Promise<DiscoveredTests> {
  const { context = {} } = search
  const read = await readTree(directory)
  const tree: FmfTree = { root: read.root, node: adjusted(read.node, context) }
  const plan = search.plan === undefined ? noPlan : await readPlan({ tree, name: search.plan, context })
  return { root: tree.root, plan, tests: wantedNodes(tree, plan, search).map((node) => testMetadata(node, tree.root)) }
}

/** Returns a test found by several searches of a plan only once: the name of a test is unique in a pool. */
function wantedNodes(tree: FmfTree, plan: Plan, search: FmfSearch): FmfNode[] {
  const searches = plan.discover.length > 0 ? plan.discover : [{}]
  const found = searches.flatMap((discovery) => foundNodes(tree.node, { ...discovery, ...definedOf(search) }))
  return [...new Set(found)].filter(isRunnable)
}

function definedOf(search: FmfSearch): FmfSearch {
  return Object.fromEntries(Object.entries(search).filter(([, value]) => value !== undefined))
}
