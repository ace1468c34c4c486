import { ConfigError } from '../kernel/errors.ts'
import { typeName } from '../yaml/dictionary.ts'
import { type FmfContext, valuesOf } from './context.ts'
import { pythonRegExp, searches } from './python-regexp.ts'
import { compareVersions, type Decision } from './versions.ts'

/** A rule of `when`, against a context. */
export interface Question {
  readonly rule: unknown
  readonly context: FmfContext
  /** Place of the rule, for messages. */
  readonly where: string
}

/** `dimension operator values`. In the order of FMF: if a shorter operator does not fit, a longer operator is found. */
const comparison = /^([\w-]+)\s*(==|!=|<=|<|>=|>|~=|~!=|~<=|~<|~>=|~>|~|!~)\s*([^=].*)$/s
const definition = /^([\w-]+)\s*is (not )?defined$/

/**
 * Decides a rule. `and` binds more than `or`.
 *
 * @returns `undefined` if the context does not say enough
 * @throws ERR_CONFIG for a rule of a wrong form
 * @see https://fmf.readthedocs.io/en/stable/context.html#syntax
 */
export function decide({ rule, context, where }: Question): Decision {
  if (typeof rule === 'boolean') return rule
  if (typeof rule !== 'string') throw new ConfigError(`${where}: when: expected a rule, but got ${typeName(rule)}`)
  const equal = rule.replaceAll(/(?<![=!~<>])=(?!=)/g, '==')
  const groups = equal.split(/\bor\b/).map((group) => group.split(/\band\b/).map((text) => parse(text.trim(), where)))
  return either(groups, (group) => both(group, (expression) => expression(context)))
}

type Expression = (context: FmfContext) => Decision

/** Whether any part is true. Stops at the first true part. */
function either<T>(parts: readonly T[], decidePart: (part: T) => Decision): Decision {
  let result: Decision = false
  for (const part of parts) {
    const decision = decidePart(part)
    if (decision) return true
    if (decision === undefined) result = undefined
  }
  return result
}

/** Whether all parts are true. Stops at the first false part. */
function both<T>(parts: readonly T[], decidePart: (part: T) => Decision): Decision {
  const isNegated = either(parts, (part) => negated(decidePart(part)))
  return negated(isNegated)
}

function negated(decision: Decision): Decision {
  return decision === undefined ? undefined : !decision
}

function parse(text: string, where: string): Expression {
  if (text === 'true' || text === 'false') return () => text === 'true'
  const [, defined, not] = definition.exec(text) ?? []
  if (defined !== undefined) return (context) => (valuesOf(context, defined) === undefined) === (not !== undefined)
  const [, dimension, operator = '', values = ''] = comparison.exec(text) ?? []
  if (dimension === undefined)
    throw new ConfigError(`${where}: when: expected a rule such as distro >= fedora-33 or arch is defined: "${text}"`)
  const wanted = values.split(',').map((value) => value.trim())
  return (context) => {
    const known = valuesOf(context, dimension) ?? []
    return oneOf(known.flatMap((left) => wanted.map((right) => () => compare({ left, operator, right, where }))))
  }
}

/** Whether any comparison is true; undecided without a decided comparison. */
function oneOf(comparisons: readonly (() => Decision)[]): Decision {
  let result: Decision
  for (const each of comparisons) {
    const decision = each()
    if (decision) return true
    result = decision ?? result
  }
  return result
}

interface Comparison {
  readonly left: string
  readonly operator: string
  readonly right: string
  readonly where: string
}

function compare({ left, operator, right, where }: Comparison): Decision {
  if (operator === '~' || operator === '!~') return searches(pythonRegExp(right, where), left) === (operator === '~')
  return compareVersions(left, operator, right)
}
