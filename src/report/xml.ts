type Attributes = Readonly<Record<string, string | number>>

/** XML, or a text still to be escaped. */
type Content = string | { readonly text: string }

/** Returns an element with attributes and content. */
export function xmlElement(name: string, attributes: Attributes, content: readonly Content[]): string {
  const pairs = Object.entries(attributes).map(([key, value]) => ` ${key}="${escapeAttribute(String(value))}"`)
  const inner = content.map((part) => (typeof part === 'string' ? `\n${part}` : escapeText(part.text))).join('')
  const end = typeof content.at(-1) === 'string' ? '\n' : ''
  return inner === '' ? `<${name}${pairs.join('')}/>` : `<${name}${pairs.join('')}>${inner}${end}</${name}>`
}

/** Escapes line breaks too: unescaped line breaks in an attribute become spaces. */
function escapeAttribute(text: string): string {
  const breaks: Readonly<Record<string, string>> = { '"': '&quot;', '\n': '&#10;', '\t': '&#9;', '\r': '&#13;' }
  return escapeText(text).replaceAll(/["\n\t\r]/g, (character) => breaks[character] ?? character)
}

function escapeText(text: string): string {
  return validText(text).replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}

/** Escape sequences of terminals, without a place in XML. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: ESC begins the sequences.
const colours = /\u001b\[[\d;?]*[ -/]*[@-~]/g
/** Characters outside XML 1.0, even escaped; also lone surrogates. */
const invalid = /[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu

function validText(text: string): string {
  return text.replaceAll(colours, '').replaceAll(invalid, '\ufffd')
}
