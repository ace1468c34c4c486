import { ConfigError } from '../kernel/errors.ts'
import { listOf, type Metadata, pythonText } from './metadata.ts'
import { matchesWhole, pythonRegExp, searches } from './python-regexp.ts'

/** Name and data of a node, for a filter. */
export interface Filtered {
  readonly name: string
  readonly data: Metadata
}

/**
 * Whether a node passes a filter: `tag: Tier1 | tag: Tier2 & category: Sanity, Security & tag: -destructive`. `|` is or,
 * `&` is and, a comma between values is or, and `-` or `!` before a value: no value may match. Values are regular
 * expressions for a whole value. A part without a colon is searched for in the node's name.
 *
 * A node does not pass without all attributes named by the filter.
 *
 * @throws ERR_CONFIG for a filter of a wrong form
 */
export function passesFilter(filter: string, node: Filtered): boolean {
  if (filter.trim() === '') return true
  const clauses = filter.split('|').map((clause) => clause.split('&').map((literal) => literalOf(literal, filter)))
  const isDefined = clauses.flat().every(({ dimension }) => dimension === undefined || textsOf(node, dimension))
  return isDefined && clauses.some((clause) => clause.every((literal) => passesLiteral(literal, node, filter)))
}

interface Literal {
  /** `undefined` for the name of the node. */
  readonly dimension: string | undefined
  readonly values: readonly string[]
}

function literalOf(text: string, filter: string): Literal {
  const [, dimension, values = ''] = /^\s*([^:]*?)\s*:\s*(.*?)\s*$/s.exec(text) ?? []
  if (dimension !== undefined && dimension !== '') return { dimension, values: values.split(/\s*,\s*/) }
  if (dimension === undefined && text.trim() !== '') return { dimension, values: [text.trim()] }
  throw new ConfigError(`filter "${filter}": "${text.trim()}": expected ATTRIBUTE: VALUE, such as tag: Tier1`)
}

function passesLiteral({ dimension, values }: Literal, node: Filtered, filter: string): boolean {
  const where = `filter "${filter}"`
  if (dimension === undefined) return values.some((value) => passesName(value, node.name, where))
  const texts = textsOf(node, dimension) ?? []
  return values.some((value) => {
    const { pattern, isNegated } = negationOf(value)
    return texts.some((text) => matchesWhole(pattern, text, where)) !== isNegated
  })
}

function passesName(value: string, name: string, where: string): boolean {
  const { pattern, isNegated } = negationOf(value)
  return searches(pythonRegExp(pattern, where), name) !== isNegated
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
