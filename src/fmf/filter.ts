import { ConfigError } from '../kernel/errors.ts'
import { listOf, type Metadata, pythonText } from './metadata.ts'
import { pythonRegExp, searches } from './python-regexp.ts'

/** Name and data of a node, for a filter. */
interface Filtered {
  readonly name: string
  readonly data: Metadata
}

type Test = (node: Filtered) => boolean

/**
 * Returns whether a node passes a filter: `tag: Tier1 | tag: Tier2 & category: Sanity, Security & tag: -destructive`.
 * `|` is or, `&` is and, a comma between values is or, and `-` or `!` before a value: no value may match. Values are
 * regular expressions for a whole value. A part without a colon is searched for in the node's name.
 *
 * A node does not pass without all attributes named by the filter.
 *
 * @throws ERR_CONFIG for a filter of a wrong form, before any node is looked at
 */
export function filterOf(filter: string): Test {
  if (filter.trim() === '') return () => true
  const clauses = filter.split('|').map((clause) => clause.split('&').map((literal) => literalOf(literal, filter)))
  const dimensions = clauses.flat().flatMap(({ dimension }) => dimension ?? [])
  return (node) =>
    dimensions.every((dimension) => textsOf(node, dimension)) &&
    clauses.some((clause) => clause.every(({ passes }) => passes(node)))
}

interface Literal {
  /** `undefined` for the name of the node. */
  readonly dimension: string | undefined
  readonly passes: Test
}

/** The beginning of `tag smoke`, with a forgotten colon: no name of a node. */
const forgottenColon = /^[-!]?\w+\s+\w/

function literalOf(literal: string, filter: string): Literal {
  const where = `filter "${filter}"`
  const text = literal.trim()
  const [, dimension, values = ''] = /^([^:]*?)\s*:\s*(.*)$/s.exec(text) ?? []
  if (dimension) return { dimension, passes: valueTest(dimension, values, where) }
  if (dimension === '' || text === '' || forgottenColon.test(text))
    throw new ConfigError(`${where}: "${text}": expected ATTRIBUTE: VALUE, such as tag: Tier1`)
  return { dimension, passes: nameTest(text, where) }
}

function valueTest(dimension: string, values: string, where: string): Test {
  const tests = values.split(/\s*,\s*/).map((value) => {
    const { pattern, isNegated } = negationOf(value)
    // Without a group, as FMF: `a|b` is `^a` or `b$`.
    const expression = pythonRegExp(`^${pattern}$`, where)
    return (texts: readonly string[]) => texts.some((text) => text.search(expression) === 0) !== isNegated
  })
  return (node) => tests.some((passes) => passes(textsOf(node, dimension) ?? []))
}

function nameTest(value: string, where: string): Test {
  const { pattern, isNegated } = negationOf(value)
  const expression = pythonRegExp(pattern, where)
  return ({ name }) => searches(expression, name) !== isNegated
}

function negationOf(value: string): { pattern: string; isNegated: boolean } {
  const isNegated = value.startsWith('-') || value.startsWith('!')
  return { pattern: isNegated ? value.slice(1).trimStart() : value, isNegated }
}

/** A boolean has both spellings: Python's `True`, and `true` as tmt adds. */
function textsOf({ name, data }: Filtered, dimension: string): string[] | undefined {
  if (!Object.hasOwn(data, dimension)) return dimension === 'name' ? [name] : undefined
  const value = data[dimension]
  if (value === null) return ['None']
  return listOf(value).flatMap((each) =>
    typeof each === 'boolean' ? [pythonText(each), String(each)] : [pythonText(each)],
  )
}
