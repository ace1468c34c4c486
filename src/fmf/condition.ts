import { isDeepStrictEqual } from 'node:util'
import { isDictionary } from '../yaml/dictionary.ts'
import { conditionError, type Token, tokensOf, unquoted } from './condition-tokens.ts'
import type { Metadata } from './metadata.ts'

/** Computes the value of an expression. */
type Expression = (data: Metadata) => unknown

/** Thrown for an attribute or a key missing in a node. */
class MissingError extends Error {}

/**
 * Whether a node's data meets a condition, a comparison in Python's notation: `tier == 1 and "slow" not in tag`. fmf
 * runs any Python; code is not run here. `locals()` is the node's data: `'enabled' not in locals() or enabled`.
 *
 * A node without an attribute needed for the decision does not meet the condition.
 *
 * @throws ERR_CONFIG for a condition of a wrong form
 */
export function meetsCondition(condition: string, data: Metadata): boolean {
  const expression = new Parser(condition).parse()
  try {
    return isTrue(expression(data))
  } catch (thrown) {
    if (thrown instanceof MissingError) return false
    throw thrown
  }
}

/** A parser with one function for each precedence, the weakest first. */
class Parser {
  readonly #condition: string
  readonly #tokens: readonly Token[]
  #next = 0

  constructor(condition: string) {
    this.#condition = condition
    this.#tokens = tokensOf(condition)
  }

  parse(): Expression {
    const expression = this.#or()
    if (this.#token.type !== 'end') throw this.#unexpected()
    return expression
  }

  get #token(): Token {
    return this.#tokens[this.#next] ?? { type: 'end', text: 'the end', column: this.#condition.length + 1 }
  }

  #unexpected() {
    return conditionError(this.#condition, this.#token)
  }

  /** Takes the next tokens if their texts are the given texts. */
  #takes(...texts: string[]): boolean {
    const isNext = texts.every((text, index) => isWord(this.#tokens[this.#next + index], text))
    if (isNext) this.#next += texts.length
    return isNext
  }

  #take(text: string): void {
    if (!this.#takes(text)) throw this.#unexpected()
  }

  #or(): Expression {
    const left = this.#and()
    if (!this.#takes('or')) return left
    const right = this.#or()
    return (data) => {
      const value = left(data)
      return isTrue(value) ? value : right(data)
    }
  }

  #and(): Expression {
    const left = this.#not()
    if (!this.#takes('and')) return left
    const right = this.#and()
    return (data) => {
      const value = left(data)
      return isTrue(value) ? right(data) : value
    }
  }

  #not(): Expression {
    if (!this.#takes('not')) return this.#comparison()
    const operand = this.#not()
    return (data) => !isTrue(operand(data))
  }

  /** In a chain such as `1 <= tier < 3`, all comparisons must hold. */
  #comparison(): Expression {
    const first = this.#value()
    const steps: { compare: Comparison; operand: Expression }[] = []
    for (let compare = this.#operator(); compare; compare = this.#operator()) {
      steps.push({ compare, operand: this.#value() })
    }
    if (steps.length === 0) return first
    return (data) => {
      let left = first(data)
      return steps.every(({ compare, operand }) => {
        const right = operand(data)
        const holds = compare(left, right)
        left = right
        return holds
      })
    }
  }

  #operator(): Comparison | undefined {
    const found = comparisons.find(([words]) => this.#takes(...words))
    return found?.[1]
  }

  #value(): Expression {
    let value = this.#atom()
    while (this.#takes('[')) {
      const owner = value
      const key = this.#or()
      this.#take(']')
      value = (data) => element(owner(data), key(data))
    }
    return value
  }

  #atom(): Expression {
    const { type, text } = this.#token
    if (type === 'operator') return this.#group()
    if (type === 'end' || reserved.includes(text)) throw this.#unexpected()
    this.#next++
    if (type === 'text') return () => unquoted(text)
    if (type === 'number') return () => Number(text)
    if (text in constants) return () => constants[text]
    if (text === 'locals' && this.#takes('(', ')')) return (data) => data
    return (data) => element(data, text)
  }

  #group(): Expression {
    if (this.#takes('-')) {
      const operand = this.#atom()
      return (data) => -Number(operand(data))
    }
    if (this.#takes('[')) return this.#list(']')
    this.#take('(')
    const expression = this.#or()
    if (this.#takes(')')) return expression
    this.#take(',')
    const rest = this.#list(')')
    return (data) => [expression(data), ...(rest(data) as unknown[])]
  }

  #list(end: string): Expression {
    const items: Expression[] = []
    while (!this.#takes(end)) {
      items.push(this.#or())
      if (!this.#takes(',') && this.#token.text !== end) throw this.#unexpected()
    }
    return (data) => items.map((item) => item(data))
  }
}

function isWord(token: Token | undefined, text: string): boolean {
  return token?.text === text && (token.type === 'name' || token.type === 'operator')
}

const reserved = ['and', 'or', 'not', 'in', 'is', 'if', 'else', 'lambda', 'for']
const constants: Readonly<Record<string, unknown>> = { __proto__: null, True: true, False: false, None: null }

type Comparison = (left: unknown, right: unknown) => boolean

const comparisons: readonly (readonly [readonly string[], Comparison])[] = [
  [['=='], isDeepStrictEqual],
  [['!='], (left, right) => !isDeepStrictEqual(left, right)],
  [['<='], (left, right) => holds(orderOf(left, right), (order) => order <= 0)],
  [['>='], (left, right) => holds(orderOf(left, right), (order) => order >= 0)],
  [['<'], (left, right) => holds(orderOf(left, right), (order) => order < 0)],
  [['>'], (left, right) => holds(orderOf(left, right), (order) => order > 0)],
  [['not', 'in'], (left, right) => !contains(right, left)],
  [['in'], (left, right) => contains(right, left)],
]

/** Returns -1, 0 or 1 for two numbers or two texts; values of further types have no order. */
function orderOf(left: unknown, right: unknown): number | undefined {
  if (typeof left === 'number' && typeof right === 'number') return Math.sign(left - right)
  if (typeof left !== 'string' || typeof right !== 'string') return undefined
  if (left === right) return 0
  return left < right ? -1 : 1
}

function holds(order: number | undefined, test: (order: number) => boolean): boolean {
  return order !== undefined && test(order)
}

function contains(owner: unknown, value: unknown): boolean {
  if (typeof owner === 'string') return typeof value === 'string' && owner.includes(value)
  if (Array.isArray(owner)) return owner.some((item) => isDeepStrictEqual(item, value))
  return isDictionary(owner) && Object.hasOwn(owner, String(value))
}

/** @throws MissingError */
function element(owner: unknown, key: unknown): unknown {
  const isKnown = (typeof owner === 'object' || typeof owner === 'string') && owner !== null
  const at = Array.isArray(owner) && typeof key === 'number' && key < 0 ? owner.length + key : String(key)
  if (!isKnown || !Object.hasOwn(Object(owner), at)) throw new MissingError()
  return (owner as Readonly<Record<string | number, unknown>>)[at]
}

/** Decides like Python: None, zero, and empty texts, lists and dictionaries are false. */
function isTrue(value: unknown): boolean {
  if (Array.isArray(value)) return value.length > 0
  return isDictionary(value) ? Object.keys(value).length > 0 : Boolean(value)
}
