import { ConfigError } from '../kernel/errors.ts'
import { isDictionary, typeName } from '../yaml/dictionary.ts'
import type { FmfContext } from './context.ts'
import type { FmfNode } from './fmf-node.ts'
import { merged } from './merge.ts'
import { listOf, type Metadata } from './metadata.ts'
import { decide } from './rule.ts'

const ruleKeys = ['when', 'because', 'continue']

/**
 * Applies the rules of `adjust` to a node and all nodes below. The rules stay in the data.
 *
 * @throws ERR_CONFIG for a rule of a wrong form
 * @see https://fmf.readthedocs.io/en/stable/features.html#adjust
 */
export function adjusted(node: FmfNode, context: FmfContext): FmfNode {
  const where = `${node.places.get('adjust') ?? node.name}: adjust`
  return {
    ...node,
    data: withRules(node.data, context, where),
    children: node.children.map((child) => adjusted(child, context)),
  }
}

function withRules(data: Metadata, context: FmfContext, where: string): Metadata {
  let result = data
  for (const rule of rulesOf(data.adjust, where)) {
    const { when = true, continue: isContinued = true } = rule
    if (typeof isContinued !== 'boolean')
      throw new ConfigError(`${where}: continue: expected true or false, but got ${typeName(isContinued)}`)
    if (decide({ rule: when, context, where }) !== true) continue
    const changes = Object.entries(rule).filter(([key]) => !ruleKeys.includes(key))
    result = merged(
      result,
      changes.map(([key, value]) => ({ key, value, where })),
    )
    if (!isContinued) break
  }
  return result
}

function rulesOf(rules: unknown, where: string): Metadata[] {
  return listOf(rules).map((rule) => {
    if (isDictionary(rule)) return rule
    throw new ConfigError(`${where}: a rule must be a dictionary, but is ${typeName(rule)}`)
  })
}
