import { asError, ConfigError } from '../kernel/errors.ts'

/** Notations of Python's `re` with a different form in JavaScript. */
const translations: readonly (readonly [RegExp, string])[] = [
  [/^\(\?P</, '(?<'],
  [/^\(\?P=(\w+)\)/, '\\k<$1>'],
  [/^\\A/, '(?<![\\s\\S])'],
  [/^\\Z/, '(?![\\s\\S])'],
  // Python's `$` also matches before a newline at the end.
  [/^\$/, '(?=\\n?(?![\\s\\S]))'],
  [/^(\\[\s\S]|\[\^?(?:\\[\s\S]|[^\]\\])*\]|[\s\S])/, '$1'],
]

/**
 * Makes a regular expression from Python's notation, for values in FMF files.
 *
 * @param where place for the message
 * @throws ERR_CONFIG if the pattern is no regular expression
 */
export function pythonRegExp(pattern: string, where: string): RegExp {
  const [, flags = '', body = ''] = /^(?:\(\?([ims]+)\))?([\s\S]*)$/.exec(pattern) ?? []
  try {
    return new RegExp(translated(body), `g${flags}`)
  } catch (thrown) {
    throw new ConfigError(`${where}: "${pattern}" is no regular expression: ${asError(thrown).message}`, {
      cause: thrown,
    })
  }
}

function translated(pattern: string): string {
  let result = ''
  for (let rest = pattern; rest !== ''; ) {
    const [form, replacement] = translations.find(([known]) => known.test(rest)) ?? [/^[\s\S]/, '$&']
    const [matched = ''] = form.exec(rest) ?? []
    result += matched.replace(form, replacement)
    rest = rest.slice(matched.length)
  }
  return result
}

/** Whether the expression matches anywhere in the text, like `re.search`. */
export function searches(expression: RegExp, text: string): boolean {
  return text.search(expression) >= 0
}

/** Replaces all matches. The replacement has Python's references: `\1`, `\g<name>`. */
export function substitute(text: string, expression: RegExp, replacement: string): string {
  return text.replace(expression, (...match) => {
    const named = match.at(-1)
    const names: Readonly<Record<string, string>> = typeof named === 'object' ? named : {}
    return replacement.replace(/\\(?:g<(\w+)>|(\d{1,2})|n|\\)/g, (reference, name, number) => {
      if (reference === '\\n') return '\n'
      if (reference === '\\\\') return '\\'
      const key = name ?? number
      return (/^\d+$/.test(key) ? match[Number(key)] : names[key]) ?? ''
    })
  })
}
