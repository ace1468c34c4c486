import { ConfigError } from '../kernel/errors.ts'

/** A piece of a condition. */
export interface Token {
  readonly type: 'name' | 'text' | 'number' | 'operator' | 'end'
  readonly text: string
  /** Column, from 1. */
  readonly column: number
}

const forms: readonly (readonly [Token['type'], RegExp])[] = [
  ['text', /'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"/y],
  ['number', /\d+(?:\.\d+)?/y],
  ['name', /[A-Za-z_]\w*/y],
  ['operator', /==|!=|<=|>=|[<>()[\],-]/y],
]

/** Splits a condition. @throws ERR_CONFIG for a character without a place in conditions */
export function tokensOf(condition: string): Token[] {
  const tokens: Token[] = []
  let at = 0
  for (;;) {
    at += /^\s*/.exec(condition.slice(at))?.[0].length ?? 0
    if (at === condition.length) return [...tokens, { type: 'end', text: 'the end', column: at + 1 }]
    const token = tokenAt(condition, at)
    tokens.push(token)
    at += token.text.length
  }
}

function tokenAt(condition: string, at: number): Token {
  for (const [type, form] of forms) {
    form.lastIndex = at
    const text = form.exec(condition)?.[0]
    if (text !== undefined) return { type, text, column: at + 1 }
  }
  throw conditionError(condition, { text: condition.charAt(at), column: at + 1 })
}

/** Returns an error with the form of conditions: fmf takes any Python; this package takes comparisons of metadata. */
export function conditionError(condition: string, { text, column }: Pick<Token, 'text' | 'column'>): ConfigError {
  return new ConfigError(
    `condition "${condition}": column ${column}: unexpected ${text}; a condition has attributes, texts, numbers, lists, ` +
      'True, False, None, attribute["key"], ==, !=, <, <=, >, >=, in, not in, and, or, not, and parentheses',
  )
}

/** Returns the content of a quoted text. */
export function unquoted(text: string): string {
  return text.slice(1, -1).replaceAll(/\\(.)/g, (_, character: string) => escapes[character] ?? character)
}

const escapes: Readonly<Record<string, string>> = { n: '\n', t: '\t' }
