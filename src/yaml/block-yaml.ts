import { isDictionary } from './dictionary.ts'

/**
 * Writes a list or a dictionary as YAML, one value a line. A record is written some milliseconds sooner than by the
 * package `yaml`, which has to be loaded.
 *
 * @param value of texts, numbers, booleans, lists and dictionaries; keys with `undefined` are left out
 */
export function blockYaml(value: readonly unknown[] | object, indent = ''): string {
  if (!Array.isArray(value)) {
    const entries = Object.entries(value).filter(([, each]) => each !== undefined)
    return entries.map(([key, each]) => `${indent}${scalar(key)}:${afterLead(each, indent)}`).join('')
  }
  // The first key of a dictionary stands beside the dash.
  return value
    .map(
      (each) =>
        `${indent}-${isFilled(each) ? ` ${blockYaml(each, `${indent}  `).trimStart()}` : afterLead(each, indent)}`,
    )
    .join('')
}

/** Whether a value is a collection that is not empty. Keys with `undefined` do not count: they are not written. */
function isFilled(value: unknown): value is object {
  if (Array.isArray(value)) return value.length > 0
  return isDictionary(value) && Object.values(value).some((each) => each !== undefined)
}

/** Returns what follows `key:` or `-`, with the end of the line. */
function afterLead(value: unknown, indent: string): string {
  if (isFilled(value)) return `\n${blockYaml(value, `${indent}  `)}`
  if (typeof value === 'string') return ` ${isBlock(value) ? block(value, `${indent}  `) : scalar(value)}\n`
  return ` ${JSON.stringify(value ?? null)}\n`
}

/** Whether a text of several lines can be written line by line: a text that begins with a space would need more. */
function isBlock(text: string): boolean {
  return (
    text.includes('\n') &&
    /^(?=\S)[\t\n\x20-\x7e\u{a1}-\u{1fff}\u{2030}-\u{d7ff}\u{10000}-\u{10ffff}]*(?<=\S)\n?$/u.test(text)
  )
}

function block(text: string, indent: string): string {
  const [sign, lines] = text.endsWith('\n') ? ['|', text.slice(0, -1)] : ['|-', text]
  return `${sign}\n${lines.replaceAll(/^(?=.)/gm, indent)}`
}

/** Texts without quotes: whatever another reader could take for a number, a boolean, a date or nothing has quotes. */
const plain =
  /^(?!(?:y|n|yes|no|on|off|true|false|null)$|\.(?:\d|inf$|nan$))(?:[a-z_/.]|--?[a-z])(?:[\w/.,=+@%()~-]|:(?=\S)| (?=[^\s#:]))*$/i
const plainNumbered = /^(?:\d+_[a-z][\w-]*|\d+\.\d+\.\d+|\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z)$/

function scalar(text: string): string {
  if (plain.test(text) || plainNumbered.test(text)) return text
  const escaped = (character: string): string => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
  return JSON.stringify(text).replaceAll(/[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]/g, escaped)
}
